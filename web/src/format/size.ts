/** formatSize writes how large a file is: 2 KB, 1.5 MB; what is smaller than 1 KB counts as that. */
export function formatSize(bytes: number): string {
  return bytes >= 1 << 20 ? `${(bytes / (1 << 20)).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`
}
