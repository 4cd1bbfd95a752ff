import NIOCore

/// An address of IPv4 or IPv6, by which connections are counted and proxies known.
///
/// Both are kept alike, IPv4 as IPv6 maps it (RFC 4291, section 2.5.5.2): a client is the same one through either socket.
public struct IPAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64
    static let bits = 128
    /// Bits before an address of IPv4.
    static let mappedBits = 96

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Nil for a socket of a file.
    public init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address)?:
            let value = UInt32(bigEndian: address.address.sin_addr.s_addr)
            self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(value))
        case .v6(let address)?:
            let bytes = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            func word(_ bytes: some Sequence<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
            self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
        case .unixDomainSocket?, nil: return nil
        }
    }

    /// An address as people write it, alone: no port, no brackets.
    public init?(_ text: some StringProtocol) {
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        self.init(address)
    }

    var isV4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Whether the first so many bits are the other's.
    func hasPrefix(_ other: IPAddress, bits: Int) -> Bool {
        func differs(_ left: UInt64, _ right: UInt64, _ bits: Int) -> Bool {
            bits > 0 && (left ^ right) >> (64 - min(64, bits)) != 0
        }
        return !differs(high, other.high, bits) && !differs(low, other.low, bits - 64)
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        if isV4 { return (0..<4).reversed().map { String(low >> (8 * UInt64($0)) & 0xFF) }.joined(separator: ".") }
        let words = [high, low].flatMap { word in (0..<4).reversed().map { word >> (16 * UInt64($0)) & 0xFFFF } }
        return words.map { String($0, radix: 16) }.joined(separator: ":")
    }
}
