import Foundation
import SyncClient

/// A server as a process of its own, watched from outside.
final class ServerProcess {
    enum Failure: Error { case didNotStart(String), failed(String) }

    private var process = Process()
    private let binary: URL
    private let folder: URL
    private(set) var ports: [Int] = []

    /// The shipped server on a fresh store.
    ///
    /// - Parameter options: more of `consigned serve`'s options.
    static func consigned(beside binaries: URL, options: [String] = []) throws -> (ServerProcess, OperatorClient) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-bench-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let binary = binaries.appendingPathComponent("consigned")
        let store = folder.appendingPathComponent("store.sqlite").path
        let token = folder.appendingPathComponent("token")
        try run(binary, ["init", "--store", store, "--admin-token", token.path])
        let server = try ServerProcess(binary, Self.serving(store, [0, 0]) + options, folder)
        let secret = String(decoding: try Data(contentsOf: token), as: UTF8.self).filter { !$0.isWhitespace }
        return (
            server,
            OperatorClient(server: "http://127.0.0.1:\(server.ports[1])", token: secret, timeout: .seconds(300))
        )
    }

    /// The bare server that gives the ceiling.
    ///
    /// - Parameters:
    ///   - answerBytes: of each of its answers, head and body.
    ///   - certificate: with one it speaks TLS.
    static func hello(
        beside binaries: URL, answerBytes: Int, certificate: LoopbackCertificate? = nil
    ) throws -> ServerProcess {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-hello-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let tls = certificate.map {
            ["--tls-certificate", $0.certificateFile.path, "--tls-key", $0.keyFile.path]
        }
        return try ServerProcess(
            binaries.appendingPathComponent("consigne-sim"),
            ["hello", "--answer-bytes", String(answerBytes)] + (tls ?? []), folder)
    }

    private static func serving(_ store: String, _ ports: [Int]) -> [String] {
        [
            "serve", "--store", store, "--agent", "127.0.0.1:\(ports[0])", "--operator", "127.0.0.1:\(ports[1])",
            "--log-level", "error",
        ]
    }

    /// Runs one of the server's other commands to its end.
    private static func run(_ binary: URL, _ arguments: [String]) throws {
        let command = Process()
        command.executableURL = binary
        command.arguments = arguments
        command.standardOutput = FileHandle.nullDevice
        try command.run()
        command.waitUntilExit()
        guard command.terminationStatus == 0 else {
            throw Failure.failed("\(arguments[0]) ended with \(command.terminationStatus)")
        }
    }

    private init(_ binary: URL, _ arguments: [String], _ folder: URL) throws {
        self.binary = binary
        self.folder = folder
        try launch(arguments)
    }

    private func launch(_ arguments: [String]) throws {
        let file = folder.appendingPathComponent("ports")
        try? FileManager.default.removeItem(at: file)
        process = Process()
        process.executableURL = binary
        process.arguments = arguments + ["--port-file", file.path]
        // Its handsets report as fast as they can. Not by a flag: builds of another day are measured too.
        process.environment = ProcessInfo.processInfo.environment.merging(["CONSIGNE_DEVICE_PACE": "0"]) { $1 }
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

    /// Where handsets reach it.
    var agents: AgentAddress { AgentAddress(host: "127.0.0.1", port: ports[0]) }

    /// Copies the store while the server runs.
    func backUp() throws {
        let copy = folder.appendingPathComponent("backup.sqlite").path
        try Self.run(binary, ["backup", "--store", folder.appendingPathComponent("store.sqlite").path, "--to", copy])
    }

    /// The machine is lost at once; another one serves the backup on the same ports.
    func restoreBackup() throws {
        lose()
        let restored = folder.appendingPathComponent("restored.sqlite").path
        try Self.run(
            binary, ["restore", "--store", restored, "--from", folder.appendingPathComponent("backup.sqlite").path])
        try launch(Self.serving(restored, ports))
    }

    /// The machine is lost at once.
    func lose() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Starts it again, on the same store and ports.
    func startAgain() throws { try launch(Self.serving(folder.appendingPathComponent("store.sqlite").path, ports)) }

    /// Stops it as an operator does, and starts it again on the same store and ports.
    ///
    /// - Returns: seconds until it served again.
    func restart(options: [String] = []) throws -> Double {
        process.terminate()
        process.waitUntilExit()
        let start = DispatchTime.now().uptimeNanoseconds
        try launch(Self.serving(folder.appendingPathComponent("store.sqlite").path, ports) + options)
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }

    /// Lets it stand still until `goOn`.
    func pause() { kill(process.processIdentifier, SIGSTOP) }

    /// Lets it run again.
    func goOn() { kill(process.processIdentifier, SIGCONT) }

    /// Kilobytes of memory that it has in use.
    func residentKilobytes() throws -> Double { try Self.residentKilobytes(of: process.processIdentifier) }

    /// The same of any process (proc(5), VmRSS).
    static func residentKilobytes(of process: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Double(line.filter(\.isNumber)) ?? 0
    }

    /// Seconds of processor time it has used, in the kernel's ticks of 10 ms (proc(5), fields 14 and 15).
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    func stop() {
        // Who stands still does not hear that it is to end.
        goOn()
        process.terminate()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}
