import ArgumentParser
import Foundation
import Logging
import SyncServer

/// Where the listeners are, by flag or environment.
struct Listeners: ParsableArguments {
    @Option(help: ArgumentHelp("Where devices connect (CONSIGNE_AGENT); 127.0.0.1:8410.", valueName: "host:port"))
    var agent: String?

    @Option(help: ArgumentHelp("Where operators connect (CONSIGNE_OPERATOR); 127.0.0.1:8411.", valueName: "host:port"))
    var `operator`: String?

    @OptionGroup var tls: TLSOptions

    @Flag(help: "Serve plain HTTP on addresses that others can reach.")
    var insecure = false

    @Option(
        help: ArgumentHelp(
            "A proxy whose X-Forwarded-For says where requests come from, or a range of such; may be given again.",
            valueName: "address[/bits]"))
    var trustedProxy: [String] = []

    @Option(help: ArgumentHelp("Write the two ports here once both are open.", valueName: "file"))
    var portFile: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (CONSIGNE_LOG_LEVEL).", valueName: "level"))
    var logLevel: String?

    func validate() throws {
        for (name, address) in [("--agent", agentAddress), ("--operator", operatorAddress)] {
            let (host, _) = try Self.split(address, name)
            guard insecure || tls.areGiven || Self.isLoopback(host) else {
                throw ValidationError(
                    "\(name): \(host) can be reached by others and this is plain HTTP; give --tls-certificate and "
                        + "--tls-key, or say --insecure if a proxy with TLS stands in front")
            }
        }
        if let wrong = trustedProxy.first(where: { TrustedProxies.Range($0) == nil }) {
            throw ValidationError("--trusted-proxy: found \"\(wrong)\", expected \(TrustedProxies.Range.expected)")
        }
        if let name = logLevel ?? ProcessInfo.processInfo.environment["CONSIGNE_LOG_LEVEL"],
            Logger.Level(rawValue: name) == nil
        {
            throw ValidationError(
                "--log-level: found \"\(name)\", expected one of "
                    + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
    }

    var agentHost: String { get throws { try Self.split(agentAddress, "--agent").host } }
    var agentPort: Int { get throws { try Self.split(agentAddress, "--agent").port } }
    var operatorHost: String { get throws { try Self.split(operatorAddress, "--operator").host } }
    var operatorPort: Int { get throws { try Self.split(operatorAddress, "--operator").port } }

    /// The proxies that stand in front, of both listeners.
    var proxies: TrustedProxies { TrustedProxies(trustedProxy.compactMap(TrustedProxies.Range.init)) }

    var level: Logger.Level {
        (logLevel ?? ProcessInfo.processInfo.environment["CONSIGNE_LOG_LEVEL"]).flatMap { Logger.Level(rawValue: $0) }
            ?? .info
    }

    private var agentAddress: String {
        agent ?? ProcessInfo.processInfo.environment["CONSIGNE_AGENT"] ?? "127.0.0.1:8410"
    }

    private var operatorAddress: String {
        `operator` ?? ProcessInfo.processInfo.environment["CONSIGNE_OPERATOR"] ?? "127.0.0.1:8411"
    }

    private static func split(_ address: String, _ name: String) throws -> (host: String, port: Int) {
        guard let colon = address.lastIndex(of: ":"), colon != address.startIndex,
            let port = Int(address[address.index(after: colon)...]), (0...65_535).contains(port)
        else { throw ValidationError("\(name): found \"\(address)\", expected host:port with a port from 0 to 65535") }
        let host = address[..<colon]
        return (host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host), port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
