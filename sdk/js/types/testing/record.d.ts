/**
 * A packet for a test: 100 bytes on interface 1, in a capture, at time 0, wanted by the plugin's first
 * interest, not sampled and without payload, unless said otherwise. Each method answers with a changed
 * copy.
 */
export class PacketRecord {
    /** A frame that is no IP. */
    static frame(): PacketRecord;
    /**
     * An IP packet of a protocol.
     *
     * @param {string} src
     * @param {string} dst
     * @param {number} protocol
     */
    static ip(src: string, dst: string, protocol: number): PacketRecord;
    /**
     * A TCP packet between two sockets such as `10.0.0.1:80` or `[fc00::1]:80`.
     *
     * @param {string} src
     * @param {string} dst
     * @param {number} flags Bits of `tcp`.
     */
    static tcp(src: string, dst: string, flags: number): PacketRecord;
    /**
     * A UDP packet between two sockets.
     *
     * @param {string} src
     * @param {string} dst
     */
    static udp(src: string, dst: string): PacketRecord;
    /**
     * @private
     * @param {string} src
     * @param {string} dst
     * @param {number} protocol
     */
    private static between;
    /**
     * @private
     * @param {Uint8Array} bytes
     * @param {Uint8Array | undefined} payload
     */
    private constructor();
    /** @private */
    private bytes;
    /** @private */
    private bytesBehind;
    /**
     * Bytes on the wire.
     *
     * @param {number} bytes
     */
    len(bytes: number): PacketRecord;
    /**
     * Unix time in ns.
     *
     * @param {bigint} timeNs
     */
    time(timeNs: bigint): PacketRecord;
    /**
     * The interests that took it: bit i for the i-th.
     *
     * @param {number | bigint} interests
     */
    matched(interests: number | bigint): PacketRecord;
    /**
     * One of a sample, in which one in so many was kept.
     *
     * @param {number} oneIn
     */
    sampled(oneIn: number): PacketRecord;
    /**
     * With these first bytes behind its headers, which some interest asked for and was granted.
     *
     * @param {Uint8Array} bytes
     */
    payload(bytes: Uint8Array): PacketRecord;
    /**
     * Set bits of `marks`.
     *
     * @param {number} marks
     */
    mark(marks: number): PacketRecord;
    /**
     * Add a VLAN tag inside those that there are.
     *
     * @param {number} id
     */
    vlan(id: number): PacketRecord;
    /**
     * Source and destination MAC address, such as `02:00:00:00:00:01`.
     *
     * @param {string} src
     * @param {string} dst
     */
    macs(src: string, dst: string): PacketRecord;
    /**
     * Set a field of the record by its name in `Fields`.
     *
     * @param {string} name
     * @param {number | bigint} value
     */
    set(name: string, value: number | bigint): PacketRecord;
    /**
     * The record as it stands in a batch, its payload behind what is in `all` already.
     *
     * @internal
     * @param {number[]} all
     * @returns {Uint8Array}
     */
    placed(all: number[]): Uint8Array;
    /**
     * @private
     * @param {string} name
     */
    private read;
    /**
     * @private
     * @param {"src" | "dst"} end
     * @param {string} text
     */
    private address;
    /**
     * @private
     * @param {"ethSrc" | "ethDst"} end
     * @param {string} text
     */
    private mac;
}
