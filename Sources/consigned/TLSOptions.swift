import ArgumentParser
import Foundation
import SyncServer

/// The certificate of the listeners, by flag or environment.
struct TLSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The listeners' certificate and those above it, in PEM (CONSIGNE_TLS_CERTIFICATE).", valueName: "file"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("Its private key, in PEM (CONSIGNE_TLS_KEY).", valueName: "file"))
    var tlsKey: String?

    func validate() throws {
        guard (certificateFile == nil) == (keyFile == nil) else {
            let (missing, said) =
                keyFile == nil ? ("--tls-key", "--tls-certificate") : ("--tls-certificate", "--tls-key")
            throw ValidationError("\(missing): found nothing, expected a file, because \(said) has one")
        }
    }

    var areGiven: Bool { certificateFile != nil }

    /// Nil where the listeners are to speak plain HTTP.
    var identity: TLSIdentity? {
        get throws {
            guard let certificateFile, let keyFile else { return nil }
            try refuseOpenKey(keyFile)
            do {
                return try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile)
            } catch {
                complain("consigned serve: \(error)")
                throw ExitCodes.configuration
            }
        }
    }

    /// A key that everybody on the machine can read is no secret any more.
    private func refuseOpenKey(_ file: String) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        guard let mode = attributes?[.posixPermissions] as? NSNumber, mode.intValue & 0o007 != 0 else { return }
        complain(
            "consigned serve: \(file): found mode \(String(mode.intValue, radix: 8)), expected a key that others cannot "
                + "read: chmod 0600")
        throw ExitCodes.configuration
    }

    private var certificateFile: String? {
        tlsCertificate ?? ProcessInfo.processInfo.environment["CONSIGNE_TLS_CERTIFICATE"]
    }

    private var keyFile: String? { tlsKey ?? ProcessInfo.processInfo.environment["CONSIGNE_TLS_KEY"] }
}
