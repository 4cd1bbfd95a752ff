import Foundation
import SyncClient
import TestSupport
import Testing

/// The real server as a process, on a store of its own in a folder that goes with it.
final class RunningServer {
    enum Failure: Error { case didNotStart(exitCode: Int32, log: String) }

    let folder: TemporaryFolder
    private(set) var agentPort = 0
    private(set) var operatorPort = 0
    private var process = Process()
    private var starts = 0

    /// The folder that the package's binaries were built into, beside the tests.
    static let binaries = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0])
        .resolvingSymlinksInPath().deletingLastPathComponent()

    /// - Parameter serving: whether it is started; else its store is there for others first.
    static func founded(serving: Bool = true) async throws -> RunningServer {
        let server = try RunningServer()
        let founding = try await run("consigned", ["init", "--store", server.store, "--admin-token", server.tokenFile])
        guard founding.exitCode == 0 else {
            throw Failure.didNotStart(exitCode: founding.exitCode, log: founding.errors)
        }
        if serving { try server.start() }
        return server
    }

    private init() throws { folder = try TemporaryFolder() }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var isRunning: Bool { process.isRunning }

    var store: String { folder.path("store.sqlite") }
    var tokenFile: String { folder.path("admin.token") }
    var operatorURL: String { "http://127.0.0.1:\(operatorPort)" }

    var token: String {
        get throws {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: tokenFile)), as: UTF8.self).filter {
                !$0.isWhitespace
            }
        }
    }

    func client() throws -> OperatorClient {
        OperatorClient(server: operatorURL, token: try token, timeout: .seconds(20)) { exchange in
            do {
                let violations = try Contract.shared.get().violations(
                    of: Contract.Exchange(
                        method: exchange.method, path: exchange.path, status: exchange.status,
                        headers: exchange.headers, body: exchange.body))
                for violation in violations { Issue.record("\(violation)") }
            } catch {
                Issue.record("\(error)")
            }
        }
    }

    /// What becomes of some system calls of a server on one file, before they take effect.
    struct Fault {
        let path: String
        let calls: String
        /// As `strace` words it: `signal=KILL`, `error=EIO`.
        let effect: String
        /// Which of the calls: `3`, `3..8`, `3+` for all from there on.
        let when: String

        /// The server dies at its n-th call.
        static func death(at number: Int, of calls: String, on path: String) -> Fault {
            Fault(path: path, calls: calls, effect: "signal=KILL", when: "\(number)")
        }

        /// `strace` as the tracer of the server, which stays this process's child.
        var tracer: [String] {
            [
                "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", path, "-e", "trace=\(calls)", "-e",
                "inject=\(calls):\(effect):when=\(when)",
            ]
        }
    }

    /// Starts it, on the store as it is, and waits for its ports.
    func start(_ options: [String] = [], suffering fault: Fault? = nil, errors: FileHandle? = nil) throws {
        starts += 1
        let ports = folder.path("ports-\(starts)")
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            (fault?.tracer ?? []) + [
                Self.binaries.appendingPathComponent("consigned").path,
                "serve", "--store", store, "--port-file", ports, "--agent", "127.0.0.1:0", "--operator", "127.0.0.1:0",
            ] + options
        let log = folder.path("log-\(starts)")
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = errors ?? FileHandle(forWritingAtPath: log)
        try process.run()
        for _ in 0..<3_000 {
            if let text = try? String(contentsOfFile: ports, encoding: .utf8), text.hasSuffix("\n") {
                let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
                (agentPort, operatorPort) = (numbers[0], numbers[1])
                return
            }
            guard process.isRunning else { break }
            usleep(10_000)
        }
        throw Failure.didNotStart(
            exitCode: process.terminationStatus, log: (try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    /// What it wrote since it was last started.
    func log() throws -> String { try String(contentsOfFile: folder.path("log-\(starts)"), encoding: .utf8) }

    /// Waits until it has written something, half a minute at most; whether it did.
    func logs(_ words: String) throws -> Bool {
        for _ in 0..<3_000 where try !log().contains(words) { usleep(10_000) }
        return try log().contains(words)
    }

    /// The death that nothing can prepare for.
    func killAtOnce() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to stop, and does not wait for that.
    func terminate() { process.terminate() }

    /// Waits until it has ended, half a minute at most; whether a kill ended it.
    func died() -> Bool {
        for _ in 0..<3_000 where process.isRunning { usleep(10_000) }
        guard !process.isRunning else { return false }
        return process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL
    }

    /// Waits until it has ended by itself, half a minute at most; its exit code, nil where it goes on.
    func ended() -> Int32? {
        for _ in 0..<3_000 where process.isRunning { usleep(10_000) }
        return process.isRunning ? nil : process.terminationStatus
    }

    /// Asks it to stop and, before it can have, again; gives its exit code.
    func stopTwice() -> Int32 {
        kill(process.processIdentifier, SIGTERM)
        usleep(100_000)
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Asks it to stop; gives its exit code.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    struct Outcome {
        let exitCode: Int32
        let output: String
        let errors: String
    }

    /// Runs one of the package's binaries to its end, waiting on a thread that no test needs.
    static func run(
        _ binary: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try ended(binary, arguments, environment) })
            }
        }
    }

    private static func ended(
        _ binary: String, _ arguments: [String], _ environment: [String: String]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = binaries.appendingPathComponent(binary)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files instead of pipes: a pipe that nobody empties would stop the process.
        let folder = try TemporaryFolder()
        let (output, errors) = (folder.path("out"), folder.path("err"))
        for path in [output, errors] { try Data().write(to: URL(fileURLWithPath: path)) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }
}
