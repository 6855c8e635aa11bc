// Attaching files to an application and taking them away, one at a time, wherever a page does it.
import { ref } from 'vue'
import { asFault, type Fault } from '@/api/fault'
import { attach, detach, type Form } from './api'

/** useAttaching tells `changed` the form after each file; `busy` is the key under which one is on its way, `fault` why the last did not go. */
export function useAttaching(id: () => string, changed: (form: Form) => void) {
  const busy = ref('')
  const fault = ref<Fault>()

  async function run(key: string, what: () => Promise<Form>): Promise<void> {
    if (busy.value) return
    busy.value = key
    fault.value = undefined
    try {
      changed(await what())
    } catch (e) {
      fault.value = asFault(e)
    } finally {
      busy.value = ''
    }
  }

  /** add attaches what was chosen, in order, up to the first that is refused. */
  async function add(key: string, e: Event): Promise<void> {
    const input = e.target as HTMLInputElement
    for (const file of [...(input.files ?? [])]) {
      await run(key, () => attach(id(), key, file))
      if (fault.value) break
    }
    input.value = ''
  }

  const remove = (key: string, file: string): Promise<void> => run(key, () => detach(id(), file))

  return { busy, fault, add, remove }
}
