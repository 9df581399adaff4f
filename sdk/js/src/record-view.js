/**
 * Numbers of a batch's records. Typed arrays, since an element of one costs half as much as a call of
 * a `DataView`. They have the machine's order of bytes, which is the records' in WebAssembly, and on
 * what else runs Node.
 */
export class RecordView {
  /**
   * @internal
   * @param {Uint8Array} records Records of a multiple of 8 bytes, as all are.
   */
  constructor(records) {
    const { buffer, byteOffset, byteLength } = records;
    /** @internal */
    this.u8 = records;
    /** @internal */
    this.u16 = new Uint16Array(buffer, byteOffset, byteLength >> 1);
    /** @internal */
    this.u32 = new Uint32Array(buffer, byteOffset, byteLength >> 2);
    /** @internal */
    this.view = new DataView(buffer, byteOffset, byteLength);
    /**
     * Where the record starts, in words of 4 bytes.
     *
     * @internal
     */
    this.at = 0;
  }
}
