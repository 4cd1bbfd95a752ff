import Foundation
import TestSupport

/// A proxy of the distribution in front of a server, with the configuration that `Protocol/Proxies` recommends.
final class RunningProxy {
    enum Kind: String, CaseIterable, Sendable {
        case nginx, haproxy

        fileprivate var configuration: String { self == .nginx ? "nginx.conf" : "haproxy.cfg" }

        fileprivate var binary: String? {
            ["/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"].map { $0 + rawValue }.first {
                FileManager.default.isExecutableFile(atPath: $0)
            }
        }

        /// Whether it can be tried here; a run of all tests has installed it.
        var isInstalled: Bool { binary != nil }
    }

    enum Failure: Error { case unchanged(String), didNotStart(String) }

    let agentPort: Int
    let operatorPort: Int
    private let folder: TemporaryFolder
    private let process = Process()

    init(_ kind: Kind, before server: RunningServer) throws {
        folder = try TemporaryFolder()
        (agentPort, operatorPort) = try Self.freePorts()
        var text = try Repository.text(of: "Protocol/Proxies/\(kind.configuration)")
        var places = [
            "127.0.0.1:8400": "127.0.0.1:\(agentPort)", "127.0.0.1:8401": "127.0.0.1:\(operatorPort)",
            "127.0.0.1:8410": "127.0.0.1:\(server.agentPort)", "127.0.0.1:8411": "127.0.0.1:\(server.operatorPort)",
        ]
        // What it keeps lies where anybody may write, and it makes no more of a small machine than the test needs.
        let bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.path($0));"
        }
        if kind == .nginx {
            places["http {"] = "http {\naccess_log off;\n\(bodies.joined(separator: "\n"))"
            places["worker_connections 32768"] = "worker_connections 4096"
        }
        for (place, here) in places {
            guard text.contains(place) else { throw Failure.unchanged(place) }
            text = text.replacingOccurrences(of: place, with: here)
        }
        let file = folder.path(kind.configuration)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        process.executableURL = URL(fileURLWithPath: kind.binary ?? kind.rawValue)
        process.arguments =
            kind == .nginx
            ? ["-c", file, "-g", "daemon off; pid \(folder.path("pid")); error_log stderr;"]
            : ["-db", "-f", file]
        let log = folder.path("log")
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        for _ in 0..<1_000 where process.isRunning {
            if (try? DeviceConnection(port: agentPort)) != nil { return }
            usleep(10_000)
        }
        throw Failure.didNotStart((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    /// Two ports that nobody listens on.
    private static func freePorts() throws -> (Int, Int) {
        let sockets = try (0..<2).map { _ in try BoundSocket() }
        return (sockets[0].port, sockets[1].port)
    }
}

/// A port that is taken while this is held.
private final class BoundSocket {
    private let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let port: Int

    init() throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard isBound else { throw RunningProxy.Failure.didNotStart("no port is free") }
    }

    deinit { close(descriptor) }
}
