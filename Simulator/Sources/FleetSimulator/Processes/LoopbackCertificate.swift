import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate for this machine's loopback address that lasts as long as a run, signed by its own key.
///
/// For servers that the simulator or a test starts; whoever connects is told to trust this one.
package struct LoopbackCertificate {
    /// Both in PEM; the key for its owner alone.
    package let certificateFile: URL
    package let keyFile: URL

    /// Makes one and writes it into a folder.
    package init(in folder: URL) throws {
        certificateFile = folder.appendingPathComponent("loopback.pem")
        keyFile = folder.appendingPathComponent("loopback.key")
        let key = P256.Signing.PrivateKey()
        try Data(Self.certificate(for: key).serializeAsPEM().pemString.utf8).write(to: certificateFile)
        let made = FileManager.default.createFile(
            atPath: keyFile.path, contents: Data(key.pemRepresentation.utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw CocoaError(.fileWriteUnknown) }
    }

    private static func certificate(for key: P256.Signing.PrivateKey) throws -> Certificate {
        let name = try DistinguishedName { CommonName("Consigne on loopback") }
        let now = Date()
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: Certificate.PublicKey(key.publicKey),
            notValidBefore: now - 3_600, notValidAfter: now + 86_400, issuer: name, subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(digitalSignature: true, keyCertSign: true))
                SubjectAlternativeNames([
                    .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])), .dnsName("localhost"),
                ])
            }, issuerPrivateKey: Certificate.PrivateKey(key))
    }
}
