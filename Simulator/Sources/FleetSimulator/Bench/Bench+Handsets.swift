import Foundation

extension Bench {
    /// Memory of the simulator for a handset that waits, and for one that is connected, without TLS and with it.
    func handsets() throws -> [Row] {
        let hello = try ServerProcess.hello(beside: binaries, answerBytes: 200)
        defer { hello.stop() }
        let plain = try HandsetWeight.taken(
            of: 126_000, beside: binaries, ["--agent", "http://127.0.0.1:\(hello.ports[0])"])
        return [
            Row(name: "waiting-handset", unit: "KB", ours: plain.waiting, ceiling: 1, target: 1, direction: .atMost),
            Row(name: "handset-memory", unit: "KB", ours: plain.connected, ceiling: 8, target: 1, direction: .atMost),
            try secureHandset(),
        ]
    }

    /// One handset a connection: the share of those that wait beside it would blur what a connection takes.
    private func secureHandset() throws -> Row {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = try LoopbackCertificate(in: folder)
        let hello = try ServerProcess.hello(beside: binaries, answerBytes: 200, certificate: certificate)
        defer { hello.stop() }
        let handsets = min(18_000, FleetDriver.connectionLimit)
        say("\(handsets) handsets with TLS: connecting")
        let secure = try HandsetWeight.taken(
            of: handsets, beside: binaries,
            ["--agent", "https://127.0.0.1:\(hello.ports[0])", "--ca", certificate.certificateFile.path])
        return Row(
            name: "tls-handset-memory", unit: "KB", ours: secure.connected, ceiling: 40, target: 1, direction: .atMost)
    }
}
