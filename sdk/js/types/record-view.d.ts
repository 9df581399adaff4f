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
    constructor(records: Uint8Array);
    /** @internal */
    u8: Uint8Array<ArrayBufferLike>;
    /** @internal */
    u16: Uint16Array<ArrayBufferLike>;
    /** @internal */
    u32: Uint32Array<ArrayBufferLike>;
    /** @internal */
    view: DataView<ArrayBufferLike>;
    /**
     * Where the record starts, in words of 4 bytes.
     *
     * @internal
     */
    at: number;
}
