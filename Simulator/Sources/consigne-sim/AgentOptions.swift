import ArgumentParser
import FleetSimulator
import Foundation
import SyncClient

/// Where the agents' listener is, and who vouches for it.
struct AgentOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The agents' listener.", valueName: "url")) var agent = "http://127.0.0.1:8410"
    @Option(
        help: ArgumentHelp(
            "The authorities that vouch for the server, in PEM; the system's where none are given.", valueName: "file"))
    var ca: String?

    func validate() throws { _ = try url }

    var trust: TrustRoots? {
        get throws {
            do {
                return try ca.map { path throws(TrustRoots.Failure) in try TrustRoots(file: path) }
            } catch {
                FileHandle.standardError.write(Data("consigne-sim: \(error)\n".utf8))
                throw ExitCode(66)
            }
        }
    }

    var address: AgentAddress {
        get throws {
            let (isSecure, host, port) = try url
            return isSecure
                ? try AgentAddress(host: host, port: port, trusting: try trust) : AgentAddress(host: host, port: port)
        }
    }

    private var url: (isSecure: Bool, host: String, port: Int) {
        get throws {
            guard let url = URL(string: agent), let scheme = url.scheme, ["http", "https"].contains(scheme),
                let host = url.host, let port = url.port
            else {
                throw ValidationError("--agent: found \"\(agent)\", expected http://host:port or https://host:port")
            }
            return (scheme == "https", host, port)
        }
    }
}
