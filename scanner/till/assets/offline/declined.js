/** Something cannot be done here now. `problem` is as the server's own would be (RFC 9457). */
export class Declined extends Error {
  constructor(code, more) {
    super(code);
    this.problem = { code, ...more };
  }
}
