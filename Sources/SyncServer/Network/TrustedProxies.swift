import SyncCore

/// The proxies whose word is taken for where a request comes from.
///
/// Whoever logs a client's address or counts by it asks here, on both listeners: `X-Forwarded-For` is text that any client
/// can send, and counts only as far as those wrote it who are named.
public struct TrustedProxies: Sendable {
    /// An address, or all that begin as it does.
    public struct Range: Hashable, Sendable {
        let address: IPAddress
        let bits: Int

        public static let expected = "an address, or address/bits such as 10.0.0.0/8 or fd00::/8"

        /// - Returns: nil for what is no address, or has more bits than one, or none of them.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = IPAddress(parts[0]) else { return nil }
            let offset = address.isV4 ? IPAddress.mappedBits : 0
            self.address = address
            guard parts.count == 2 else {
                bits = IPAddress.bits
                return
            }
            guard let bits = Int(parts[1]), (0...IPAddress.bits - offset).contains(bits) else { return nil }
            self.bits = bits + offset
        }

        func contains(_ other: IPAddress) -> Bool { other.hasPrefix(address, bits: bits) }
    }

    private let ranges: [Range]

    public init(_ ranges: [Range] = []) { self.ranges = ranges }

    public var isEmpty: Bool { ranges.isEmpty }

    /// Where a request comes from: the last hop that no named proxy is; of hops that all are, the first.
    ///
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - forwarded: the values of `X-Forwarded-For`, in the order of the fields; each hop added the one it heard from.
    public func client(_ peer: IPAddress, forwarded: @autoclosure () -> [String]) -> IPAddress {
        guard isTrusted(peer) else { return peer }
        var client = peer
        let hops = forwarded().flatMap { $0.split(separator: ",") }
        // More hops than that no message of ours has passed.
        for hop in hops.suffix(ServerLimits.forwardedHops).reversed() {
            // What is no address was written by somebody who is not one of them.
            guard let address = Self.address(hop) else { break }
            client = address
            guard isTrusted(address) else { break }
        }
        return client
    }

    /// Whether this is one of them.
    func names(_ address: IPAddress) -> Bool { isTrusted(address) }

    private func isTrusted(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// A hop as proxies write it: an address, in brackets or not, with a port or not.
    private static func address(_ hop: Substring) -> IPAddress? {
        var text = hop.filter { $0 != " " && $0 != "\t" }[...]
        if text.first == "[" {
            text = text.dropFirst().prefix { $0 != "]" }
        } else if text.contains("."), let colon = text.firstIndex(of: ":"),
            text[colon...].count(where: { $0 == ":" }) == 1
        {
            text = text[..<colon]
        }
        return IPAddress(text)
    }
}
