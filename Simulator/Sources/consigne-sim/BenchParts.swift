import ArgumentParser
import FleetSimulator
import Foundation

/// The bare server that gives the bench its ceiling.
struct Hello: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a word over bare SwiftNIO, as the bench's ceiling.", shouldDisplay: false)

    @Option var portFile: String
    @Option var answerBytes = 43
    @Option var tlsCertificate: String?
    @Option var tlsKey: String?

    func run() async throws {
        let tls = tlsCertificate.flatMap { certificate in tlsKey.map { (certificate, $0) } }
        try await HelloServer.run(
            threads: ProcessInfo.processInfo.activeProcessorCount, answerBytes: answerBytes, tls: tls
        ) { port in
            try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: portFile), options: .atomic)
        }
    }
}

/// A fleet that only connects, in a process that has nothing else in memory.
struct Weigh: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the kilobytes that a handset takes, waiting and connected.", shouldDisplay: false)

    @Option var handsets: Int
    @OptionGroup var agents: AgentOptions

    func run() async throws { print(try await HandsetWeight.taken(of: handsets, at: try agents.address).text) }
}
