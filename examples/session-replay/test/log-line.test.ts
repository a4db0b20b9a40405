import { describe, expect, test } from 'vitest'
import { linesOf } from '../src/lines.ts'
import { parseLogLine } from '../src/log-line.ts'

const TIME = '[10/Oct/2000:13:55:36 -0700]'
const REQUEST = '"GET /apache_pb.gif HTTP/1.0" 200 2326'
const read = (line: string) => {
  const parsed = parseLogLine(line)
  return parsed && { ...parsed, at: parsed.at.toString() }
}

describe('a line of the log', () => {
  test('in the Common Log Format', () => {
    const expected = { address: '127.0.0.1', at: '2000-10-10T20:55:36.000Z', zone: '-0700' }
    expect(read(`127.0.0.1 user-identifier frank ${TIME} ${REQUEST}`)).toEqual(expected)
  })

  test('in the Combined Log Format', () => {
    const line = `127.0.0.1 - frank ${TIME} ${REQUEST} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`
    expect(read(line)).toMatchObject({ address: '127.0.0.1', at: '2000-10-10T20:55:36.000Z' })
  })

  test.each(['::1', '2001:db8:66:249::42', 'fe80::1%eth0', 'host-7.example.com', 'xn--bcher-kva.example', '10.1.2.3'])(
    'from %s',
    (address) => expect(read(`${address} - - ${TIME} ${REQUEST}`)?.address).toBe(address),
  )

  test.each([
    ['+0000', '2000-10-10T13:55:36.000Z'],
    ['+0545', '2000-10-10T08:10:36.000Z'],
    ['-0930', '2000-10-10T23:25:36.000Z'],
    ['+1400', '2000-10-09T23:55:36.000Z'],
  ])('in the zone %s', (zone, at) => {
    expect(read(`a - - [10/Oct/2000:13:55:36 ${zone}] ${REQUEST}`)).toEqual({ address: 'a', at, zone })
  })

  test.each([
    ['escaped quotes in the user agent', `a - - ${TIME} ${REQUEST} "-" "\\"quoted\\" agent"`],
    ['bare quotes in the user agent', `a - - ${TIME} ${REQUEST} "-" "a "quoted" agent"`],
    ['quotes in the request', `a - - ${TIME} "GET /?q="x" HTTP/1.1" 404 -`],
    ['a user name with spaces', `a - Jane Q. Public ${TIME} ${REQUEST}`],
    ['a user name that looks like a time', `a - x[01/Jan/1999:00:00:00 +0000] y ${TIME} ${REQUEST}`],
    ['a request that looks like a line', `a - - ${TIME} "GET /b - - [01/Jan/1999:00:00:00 +0000] HTTP/1.1" 200 1`],
    ['no request, as after a timeout', `a - - ${TIME} "-" 408 -`],
    ['bytes of a TLS handshake', `a - - ${TIME} "\\x16\\x03\\x01" 400 226 "-" "-"`],
    ['further fields', `a - - ${TIME} ${REQUEST} "-" "agent" 0.004 "upstream"`],
    ['a user agent that was cut off', `a - - ${TIME} ${REQUEST} "-" "Mozil`],
    ['a line separator in the user agent', `a - - ${TIME} ${REQUEST} "-" "x\u2028y"`],
  ])('with %s', (_, line) => {
    expect(read(line)).toEqual({ address: 'a', at: '2000-10-10T20:55:36.000Z', zone: '-0700' })
  })

  test.each([
    ['an empty line', ''],
    ['blanks', '   '],
    ['prose', 'AH00558: could not determine the server name'],
    ['a line that was cut off in the time', 'a - - [10/Oct/2000:13:5'],
    ['a line that was cut off in the request', `a - - ${TIME} "GET /apache`],
    ['a line without status', `a - - ${TIME} "GET / HTTP/1.0"`],
    ['no address', ` - - ${TIME} ${REQUEST}`],
    ['an address that is too long for one', `${'a'.repeat(256)} - - ${TIME} ${REQUEST}`],
    ['no offset', `a - - [10/Oct/2000:13:55:36] ${REQUEST}`],
    ['31 February', `a - - [31/Feb/2000:13:55:36 +0000] ${REQUEST}`],
    ['29 February of a common year', `a - - [29/Feb/2001:13:55:36 +0000] ${REQUEST}`],
    ['25 o’clock', `a - - [10/Oct/2000:25:55:36 +0000] ${REQUEST}`],
    ['24 o’clock', `a - - [10/Oct/2000:24:00:00 +0000] ${REQUEST}`],
    ['an offset of 99 hours', `a - - [10/Oct/2000:13:55:36 +9900] ${REQUEST}`],
    ['a month that is not English', `a - - [10/Okt/2000:13:55:36 +0000] ${REQUEST}`],
    ['a status in words', `a - - ${TIME} "GET / HTTP/1.0" OK 12`],
  ])('is not %s', (_, line) => {
    expect(parseLogLine(line)).toBeUndefined()
  })

  test('is read in linear time, whatever it is', () => {
    for (const part of [`${TIME} "`, '" 200 ', '[', '"', ' ', 'a - - ']) parseLogLine(`a - - ${part.repeat(20_000)}`)
  })
})

describe('lines', () => {
  const split = async (...chunks: string[]) => {
    const lines: string[] = []
    for await (const line of linesOf(ReadableStream.from(chunks))) lines.push(line)
    return lines
  }

  test('end at \\n or \\r\\n, wherever the chunks end', async () => {
    expect(await split('a\r', '\nb', 'c\n', '\nd')).toEqual(['a', 'bc', '', 'd'])
    expect(await split('a\n')).toEqual(['a'])
    expect(await split('a\u2028b\rc\n')).toEqual(['a\u2028b\rc'])
    expect(await split('\uFEFFa\n\uFEFFb')).toEqual(['a', '\uFEFFb'])
    expect(await split()).toEqual([])
  })

  test('without an end do not fill the memory', async () => {
    const [line, ...more] = await split(...Array.from({ length: 100 }, () => 'x'.repeat(65_536)))
    expect(line?.length).toBe(65_536)
    expect(more).toEqual([])
  })
})
