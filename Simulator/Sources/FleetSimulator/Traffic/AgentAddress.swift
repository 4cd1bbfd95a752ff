import NIOCore
import NIOSSL
import SyncClient

/// Where the agents' listener is, and how it is spoken to.
public struct AgentAddress: Sendable {
    /// Nobody listens there, or somebody who is not who he must be.
    public struct Unreachable: Error, CustomStringConvertible {
        let reason: String

        public var description: String { "the agents' listener cannot be reached: \(reason)" }
    }

    let host: String
    let port: Int
    /// Nil for plain HTTP. One for the whole fleet: a context costs more than a connection.
    private let tls: NIOSSLContext?

    /// Plain HTTP.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
        tls = nil
    }

    /// TLS, to a server that proves to be the host.
    ///
    /// - Parameter trust: who vouches for it; nil for the system's authorities.
    public init(host: String, port: Int, trusting trust: TrustRoots?) throws {
        self.host = host
        self.port = port
        tls = try NIOSSLContext(configuration: TrustRoots.configuration(trust))
    }

    /// As the field of a request says it (RFC 9110, section 7.2).
    var hostField: String { "\(host):\(port)" }

    func resolved() throws -> SocketAddress { try .makeAddressResolvingHost(host, port: port) }

    /// What stands before a connection's handler; nil for plain HTTP.
    func tlsHandler() throws -> NIOSSLClientHandler? {
        // An address is no name to ask for (RFC 6066, section 3): the certificate must have the one connected to.
        let isAddress = (try? SocketAddress(ipAddress: host, port: port)) != nil
        return try tls.map { try NIOSSLClientHandler(context: $0, serverHostname: isAddress ? nil : host) }
    }
}
