// The smallest Excel workbook there is: one sheet of texts in a zip without compression, so that a test shows each cell it uploads.
// And a reader of what the server exports.
import { crc32, inflateRawSync } from 'node:zlib'

const escape = (s) => String(s).replace(/[<>&]/g, (c) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[c])

function columnName(i) {
  return (i >= 26 ? columnName(Math.floor(i / 26) - 1) : '') + String.fromCharCode(65 + (i % 26))
}

/** A workbook of one sheet; rows is a list of lists of texts (an empty text is an empty cell). */
export function workbook(sheetName, rows) {
  const cells = rows
    .map((row, r) => {
      const said = row.map((text, c) => (text === '' ? '' : `<c r="${columnName(c)}${r + 1}" t="inlineStr"><is><t>${escape(text)}</t></is></c>`))
      return `<row r="${r + 1}">${said.join('')}</row>`
    })
    .join('')
  const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packages = 'http://schemas.openxmlformats.org/package/2006'
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml'
  return zip({
    '[Content_Types].xml': `${xml}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    '_rels/.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${escape(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `${xml}<worksheet xmlns="${main}"><sheetData>${cells}</sheetData></worksheet>`,
  })
}

function zip(files) {
  const parts = []
  const directory = []
  let at = 0
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text)
    const path = Buffer.from(name)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt16LE(0x21, 12) // 1980-01-01
    head.writeUInt32LE(crc32(body), 14)
    head.writeUInt32LE(body.length, 18)
    head.writeUInt32LE(body.length, 22)
    head.writeUInt16LE(path.length, 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    head.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(at, 42)
    parts.push(head, path, body)
    directory.push(entry, path)
    at += head.length + path.length + body.length
  }
  const index = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length / 2, 8)
  end.writeUInt16LE(directory.length / 2, 10)
  end.writeUInt32LE(index.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, index, end])
}

/** The texts of a workbook's first sheet, row by row, as the server writes it (texts stand in the sheet itself). */
export function rowsOf(buffer) {
  const sheet = unzip(buffer, 'xl/worksheets/sheet1.xml').toString()
  const plain = (s) => s.replace(/&(lt|gt|amp|quot|#39|#34|#xA);/g, (_, n) => ({ lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#34': '"', '#xA': '\n' })[n])
  return [...sheet.matchAll(/<row[^>]*>(.*?)<\/row>/gs)].map((row) =>
    [...row[1].matchAll(/<c[^>]*?(?:\/>|>(?:<is><t[^>]*>(.*?)<\/t><\/is>|<v>(.*?)<\/v>)?<\/c>)/gs)].map((cell) => plain(cell[1] ?? cell[2] ?? '')),
  )
}

/** One file out of a zip, found through the directory at its end. */
function unzip(buffer, name) {
  let at = buffer.readUInt32LE(buffer.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16)
  while (buffer.readUInt32LE(at) === 0x02014b50) {
    const [size, path, extra, comment, head] = [buffer.readUInt32LE(at + 20), buffer.readUInt16LE(at + 28), buffer.readUInt16LE(at + 30), buffer.readUInt16LE(at + 32), buffer.readUInt32LE(at + 42)]
    if (buffer.toString('utf8', at + 46, at + 46 + path) === name) {
      const from = head + 30 + buffer.readUInt16LE(head + 26) + buffer.readUInt16LE(head + 28)
      const body = buffer.subarray(from, from + size)
      return buffer.readUInt16LE(at + 10) === 8 ? inflateRawSync(body) : body
    }
    at += 46 + path + extra + comment
  }
  throw new Error(`no ${name} in the workbook`)
}
