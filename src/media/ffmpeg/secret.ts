/** Query parameters whose values are secret. */
const SECRET = /([?&](?:pass(?:word|phrase)?|pwd|token|key|secret|auth|streamid)=)[^&\s'"]*/gi;
const CREDENTIALS = /(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s'"]*@/gi;
/** The last part of an RTMP address is the stream key where two parts come before it. */
const STREAM_KEY = /(\brtmp[a-z]*:\/\/[^/\s'"]+\/[^/\s'"]+\/)[^\s'"]+/gi;

/** A text without the passwords, tokens and stream keys of the URLs in it, each as `***`. */
export function maskSecrets(text: string): string {
  return text.replace(CREDENTIALS, '$1***@').replace(SECRET, '$1***').replace(STREAM_KEY, '$1***');
}
