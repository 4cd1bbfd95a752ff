import NIOSSL

/// The authorities whose word is taken for who a server is, instead of those of the system.
public struct TrustRoots: Sendable, Hashable {
    /// Why they cannot be used.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let file: String
        let reason: String

        public var description: String { "\(file): expected certificates in PEM: \(reason)" }
    }

    private let certificates: [NIOSSLCertificate]

    /// Reads a file of certificates in PEM.
    public init(file: String) throws(Failure) {
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(file)
        } catch {
            throw Failure(file: file, reason: "\(error)")
        }
        if certificates.isEmpty { throw Failure(file: file, reason: "it has none") }
    }

    /// How a client of ours speaks TLS: 1.2 or 1.3, and to nobody who is not who he says.
    ///
    /// - Parameter roots: nil for those of the system.
    package static func configuration(_ roots: TrustRoots?) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let roots { configuration.trustRoots = .certificates(roots.certificates) }
        return configuration
    }
}
