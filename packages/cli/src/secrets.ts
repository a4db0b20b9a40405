/** Up to the last `@` of whatever looks like the URL of a server, unless it only says where a password would be. */
const CREDENTIALS =
  /(\b[a-z][\w+.-]*:\/\/|\b(?:rediss?|postgres(?:ql)?):\/?(?!\/))(?!(?:USER|:PASSWORD|USER:PASSWORD)@)\S*@/gi
const PARAMETERS = /([?&](?:\w*pass(?:word|wd)?|pwd|auth|token|secret)=)[^&\s]*/gi

/** Takes secrets out of text before it is shown. */
export class Secrets {
  readonly #urls = new Set<string>()
  readonly #secrets = new Set<string>()

  /** Remembers what is secret in the name of a store, in every form that may come back: as written, decoded, encoded. */
  learn(text: string): void {
    const [, credentials = ''] = /:\/{0,2}(.*)@/s.exec(text) ?? []
    const parameters = [...text.matchAll(PARAMETERS)].map(([whole, head = '']) => whole.slice(head.length))
    const password = credentials.includes(':') ? credentials.slice(credentials.indexOf(':') + 1) : ''
    const found = [password, ...parameters].filter((secret) => secret !== '')
    if (found.length > 0) this.#urls.add(text)
    for (const secret of found) this.learnSecret(secret)
  }

  learnSecret(secret: string): void {
    const plain = decoded(secret)
    for (const form of [secret, plain, encodeURIComponent(plain), encodeURI(plain)]) this.#secrets.add(form)
  }

  /** For text of ours. It may quote what the user wrote, such as a whole URL in the wrong place. */
  hide(text: string): string {
    return withoutCredentials(longestFirst(this.#urls).reduce((rest, url) => rest.replaceAll(url, masked(url)), text))
  }

  /** For text of others, such as the message of a driver, which may quote anything. */
  hideAll(text: string): string {
    return longestFirst(this.#secrets).reduce((rest, secret) => rest.replaceAll(secret, '***'), this.hide(text))
  }
}

const longestFirst = (texts: Iterable<string>): string[] => [...texts].sort((a, b) => b.length - a.length)
const masked = (url: string): string => withoutCredentials(url.replace(/\s/g, '_'))

/** For text that was not learned: whatever looks like the credentials of a URL is masked. */
export const withoutCredentials = (text: string): string =>
  text.replace(CREDENTIALS, '$1***@').replace(PARAMETERS, '$1***')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
