import NIOCore

/// Addresses of the loopback network to connect from: one has ports for 28,000 connections to one server, and connecting
/// slows long before that.
enum SourceAddress {
    /// Connections from one address.
    static let connectionsEach = 10_000

    /// `IP_BIND_ADDRESS_NO_PORT` (ip(7)): the port is chosen at connect, when the whole 4-tuple is known.
    static let noPortOption = ChannelOptions.Types.SocketOption(
        level: NIOBSDSocket.OptionLevel(rawValue: 0), name: NIOBSDSocket.Option(rawValue: 24))

    /// The address for the n-th connection of a run; nil where the server is not on the loopback network.
    static func address(connection: Int, run: UInt64, server: SocketAddress) throws -> SocketAddress? {
        guard server.ipAddress?.hasPrefix("127.") == true else { return nil }
        let block = UInt64(connection / connectionsEach)
        let host = "127.\(run % 200 + 10).\(run / 200 % 250 + 1).\(block % 250 + 1)"
        return try SocketAddress(ipAddress: host, port: 0)
    }
}
