import FleetSimulator
import Foundation
import Testing

/// Both listeners with a certificate, spoken to by the command line and the simulator.
@Suite struct TLSTests {
    private func secured() async throws -> (server: RunningServer, certificate: LoopbackCertificate) {
        let server = try await RunningServer.founded(serving: false)
        let certificate = try LoopbackCertificate(in: server.folder.path(""))
        try server.start(Self.options(certificate))
        return (server, certificate)
    }

    private static func options(_ certificate: LoopbackCertificate) -> [String] {
        ["--tls-certificate", certificate.certificateFile.path, "--tls-key", certificate.keyFile.path]
    }

    private func status(_ server: RunningServer, _ scheme: String, _ options: [String]) async throws
        -> RunningServer.Outcome
    {
        try await RunningServer.run(
            "consigne",
            ["status", "--server", "\(scheme)://127.0.0.1:\(server.operatorPort)", "--token-file", server.tokenFile]
                + options,
            environment: ["CONSIGNE_CONTEXTS": server.folder.path("contexts.json")])
    }

    @Test func `handsets enrol, wait and are woken, and the server stops cleanly`() async throws {
        let (server, certificate) = try await secured()
        let outcome = try await RunningServer.run(
            "consigne-sim",
            [
                "run", "push", "--handsets", "100", "--agent", "https://127.0.0.1:\(server.agentPort)", "--operator",
                "https://127.0.0.1:\(server.operatorPort)", "--token-file", server.tokenFile, "--ca",
                certificate.certificateFile.path,
            ])
        #expect(outcome.exitCode == 0, "\(outcome.output) \(outcome.errors)")
        #expect(outcome.output.contains("every handset holds what it must"))
        #expect(server.stop() == 0)
    }

    @Test func `an operator trusts whom he is told to trust, and nobody else`() async throws {
        let (server, certificate) = try await secured()
        #expect(try await status(server, "https", ["--ca", certificate.certificateFile.path]).exitCode == 0)
        let stranger = try LoopbackCertificate(in: try folder(in: server, "other"))
        for options in [[], ["--ca", stranger.certificateFile.path]] {
            let outcome = try await status(server, "https", options)
            #expect(outcome.exitCode == 69 && outcome.errors.contains("CERTIFICATE_VERIFY_FAILED"), "\(outcome.errors)")
        }
        #expect(try await status(server, "http", []).exitCode == 69, "plain HTTP was answered")
        let nothing = try await status(server, "https", ["--ca", server.tokenFile])
        #expect(nothing.exitCode == 66 && nothing.errors.contains("expected certificates in PEM"), "\(nothing.errors)")
    }

    /// The certificate is for 127.0.0.1 and localhost, and is trusted.
    @Test func `nobody talks to a server that the certificate is not for`() async throws {
        let server = try await RunningServer.founded(serving: false)
        let certificate = try LoopbackCertificate(in: server.folder.path(""))
        let ca = ["--ca", certificate.certificateFile.path]
        try server.start(Self.options(certificate) + ["--agent", "127.0.0.2:0"])
        let fleet = try await RunningServer.run(
            "consigne-sim",
            [
                "run", "roll-call", "--handsets", "3", "--agent", "https://127.0.0.2:\(server.agentPort)", "--operator",
                "https://localhost:\(server.operatorPort)", "--token-file", server.tokenFile,
            ] + ca)
        #expect(fleet.exitCode == 69 && fleet.errors.contains("failedToValidateHostname"), "\(fleet.errors)")
        #expect(server.stop() == 0)
        try server.start(Self.options(certificate) + ["--operator", "127.0.0.2:0"])
        let operators = try await RunningServer.run(
            "consigne",
            [
                "status", "--server", "https://127.0.0.2:\(server.operatorPort)", "--token-file", server.tokenFile,
            ] + ca)
        #expect(operators.exitCode == 69, "\(operators.errors)")
        #expect(operators.errors.contains("failedToValidateHostname"), "\(operators.errors)")
    }

    @Test func `a context remembers whom to trust`() async throws {
        let (server, certificate) = try await secured()
        let environment = ["CONSIGNE_CONTEXTS": server.folder.path("contexts.json")]
        let named = try await RunningServer.run(
            "consigne",
            [
                "contexts", "set", "home", "--server", "https://127.0.0.1:\(server.operatorPort)", "--token-file",
                server.tokenFile, "--ca", certificate.certificateFile.path,
            ], environment: environment)
        #expect(named.exitCode == 0, "\(named.errors)")
        let outcome = try await RunningServer.run("consigne", ["status"], environment: environment)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
    }

    /// Each with what is said of it.
    @Test(arguments: ["no key", "no certificate", "another key", "an open key", "no PEM", "nothing there"])
    func `a certificate that cannot be used is refused by name`(fault: String) async throws {
        let server = try await RunningServer.founded(serving: false)
        let certificate = try LoopbackCertificate(in: server.folder.path(""))
        let other = try LoopbackCertificate(in: try folder(in: server, "other"))
        let (chain, key) = (certificate.certificateFile.path, certificate.keyFile.path)
        let (options, code, words): ([String], Int32, String) =
            switch fault {
            case "no key": (["--tls-certificate", chain], 64, "--tls-key")
            case "no certificate": (["--tls-key", key], 64, "--tls-certificate")
            case "another key":
                (["--tls-certificate", chain, "--tls-key", other.keyFile.path], 78, "the key of the first certificate")
            case "an open key": (["--tls-certificate", chain, "--tls-key", key], 78, "found mode 644")
            case "no PEM": (["--tls-certificate", server.tokenFile, "--tls-key", key], 78, server.tokenFile)
            default: (["--tls-certificate", "/nowhere.pem", "--tls-key", key], 78, "/nowhere.pem")
            }
        if fault == "an open key" {
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        }
        let outcome = try await RunningServer.run("consigned", ["serve", "--store", server.store] + options)
        #expect(outcome.exitCode == code && outcome.errors.contains(words), "\(outcome.exitCode): \(outcome.errors)")
    }

    private func folder(in server: RunningServer, _ name: String) throws -> String {
        let path = server.folder.path(name)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

extension LoopbackCertificate {
    fileprivate init(in folder: String) throws { try self.init(in: URL(fileURLWithPath: folder)) }
}
