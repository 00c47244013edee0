// Parts of URIs made of text, whatever the text is.

/** As encodeURIComponent, which throws for half a surrogate pair: that becomes U+FFFD, as when such a text is written to a file. */
export function encodedPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}
