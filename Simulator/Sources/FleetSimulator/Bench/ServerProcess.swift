import Foundation
import SyncClient

/// A server as a process of its own, watched from outside.
final class ServerProcess {
    enum Failure: Error { case didNotStart(String) }

    private let process = Process()
    private let folder: URL
    let ports: [Int]

    /// The shipped server on a fresh store.
    static func consigned(beside binaries: URL) throws -> (ServerProcess, OperatorClient) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let binary = binaries.appendingPathComponent("consigned")
        let store = folder.appendingPathComponent("store.sqlite").path
        let token = folder.appendingPathComponent("token")
        let founding = Process()
        founding.executableURL = binary
        founding.arguments = ["init", "--store", store, "--admin-token", token.path]
        founding.standardOutput = FileHandle.nullDevice
        try founding.run()
        founding.waitUntilExit()
        let server = try ServerProcess(
            binary,
            ["serve", "--store", store, "--agent", "127.0.0.1:0", "--operator", "127.0.0.1:0", "--log-level", "error"],
            folder)
        let secret = String(decoding: try Data(contentsOf: token), as: UTF8.self).filter { !$0.isWhitespace }
        return (
            server,
            OperatorClient(server: "http://127.0.0.1:\(server.ports[1])", token: secret, timeout: .seconds(300))
        )
    }

    /// The bare server that gives the ceiling.
    static func hello(beside binaries: URL) throws -> ServerProcess {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-hello-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try ServerProcess(binaries.appendingPathComponent("consigne-sim"), ["hello"], folder)
    }

    private init(_ binary: URL, _ arguments: [String], _ folder: URL) throws {
        self.folder = folder
        let file = folder.appendingPathComponent("ports")
        process.executableURL = binary
        process.arguments = arguments + ["--port-file", file.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1_000 {
            if let text = try? String(contentsOf: file, encoding: .utf8), text.hasSuffix("\n") {
                ports = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                return
            }
            guard process.isRunning else { break }
            usleep(10_000)
        }
        throw Failure.didNotStart(binary.path)
    }

    /// Seconds of processor time it has used, in the kernel's ticks of 10 ms (proc(5), fields 14 and 15).
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
