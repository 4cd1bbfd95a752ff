import NIOSSL

/// What the listeners show whoever connects: a chain of certificates and the key of the first.
///
/// TLS 1.2 and 1.3 only, and of 1.2 only the suites that keep yesterday's traffic closed to whoever has the key tomorrow
/// and that authenticate what they encrypt (RFC 9325, sections 3.1.1 and 4.2). Who connects is known by his secret, not
/// by a certificate.
public struct TLSIdentity: Sendable {
    /// Why there is none; names the file.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case certificate(file: String, reason: String)
        case key(file: String, reason: String)
        /// They are well formed, and cannot be used together.
        case pair(certificate: String, key: String, reason: String)

        public var description: String {
            switch self {
            case .certificate(let file, let reason):
                "\(file): expected certificates in PEM, the listener's first: \(reason)"
            case .key(let file, let reason): "\(file): expected a private key in PEM: \(reason)"
            case .pair(let certificate, let key, let reason):
                "\(key) and \(certificate): expected the key of the first certificate: \(reason)"
            }
        }
    }

    let configuration: TLSConfiguration
    let context: NIOSSLContext

    /// Reads both once; other files take effect at the next start.
    public init(certificateFile: String, keyFile: String) throws(Failure) {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        } catch {
            throw .certificate(file: certificateFile, reason: "\(error)")
        }
        guard !chain.isEmpty else { throw .certificate(file: certificateFile, reason: "it has none") }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw .key(file: keyFile, reason: "\(error)")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = "ECDHE+AESGCM:ECDHE+CHACHA20"
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .pair(certificate: certificateFile, key: keyFile, reason: "\(error)")
        }
        self.configuration = configuration
    }
}
