import ArgumentParser
import FleetSimulator
import Foundation
import SyncClient
import SyncCore

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Play a scenario.",
        discussion: """
            roll-call: everyone enrols, takes its policy, reports and checks in. push: then policies go to everyone, to \
            one agency and to one unit, timed until every handset holds them. tug-of-war: operators edit shared policies \
            against each other while handsets sync; the log is held against what each of them saw. field-day: half of \
            the fleet is offline for days, its users and operators editing, policies closing what users may set; then \
            all return at once and every user document is held against its definition. restore: the server is killed \
            under connected handsets and an old backup takes its place. steady: quiet times, every handset at its own \
            place in the interval, and a push in the middle. outage: the server is away for half an hour and all come \
            back. morning: everyone wakes within a minute. storm: everyone enrols at once. swap: a hundred policies are \
            replaced while handsets wait. move: up to 10,000 devices change unit, and nobody else is disturbed. restore \
            and outage start their own server. The server must be fresh for this number and seed. Every run ends with \
            the oracle's judgement.
            """)

    @Argument(help: "roll-call, push, tug-of-war, field-day, restore, steady, outage, morning, storm, swap or move.")
    var scenario: Scenario
    @Option(help: "How many handsets.") var handsets = 1_000
    @Option(help: "The same seed makes the same fleet.") var seed: UInt64 = 1
    @OptionGroup var agents: AgentOptions
    @Option(help: ArgumentHelp("The operators' listener.", valueName: "url")) var `operator` = "http://127.0.0.1:8411"
    @Option(help: ArgumentHelp("The file with an admin's token.", valueName: "file")) var tokenFile: String?
    @Option(help: ArgumentHelp("Write the report as JSON.", valueName: "file")) var report: String?
    @Option(help: "Event loops of the simulator.") var threads = 2
    @Option(help: ArgumentHelp("Seconds until a phase is given up.", valueName: "seconds")) var patience = 120
    @Option(
        help: ArgumentHelp(
            "Seconds of scenario time in one real second, 1 to 600; by default 60 for steady and outage, 10 for morning.",
            valueName: "seconds"))
    var pace: Double?
    @Option(
        help: ArgumentHelp(
            "Processes that play the fleet together, for more connections than one may have open; roll-call and push.",
            valueName: "count"))
    var processes = 1
    @Option(
        help: ArgumentHelp("Connections of a process at most; beyond them handsets take turns.", valueName: "count"))
    var connections: Int?
    @Option(help: .hidden) var share = Share.whole
    @Option(help: .hidden) var now: Int64?
    @Flag(help: "Do something that must not be, to see that it is found.") var plantFault = false

    func validate() throws {
        guard (1...1_000_000).contains(handsets) else {
            throw ValidationError("--handsets: found \(handsets), expected 1 to 1000000")
        }
        guard (1...64).contains(threads) else { throw ValidationError("--threads: found \(threads), expected 1 to 64") }
        if let pace, !Scenario.paces.contains(pace) {
            throw ValidationError("--pace: found \(pace), expected 1 to 600")
        }
        guard (1...64).contains(processes) else {
            throw ValidationError("--processes: found \(processes), expected 1 to 64")
        }
        guard processes == 1 || scenario.canBeShared else {
            throw ValidationError("--processes: found \(processes), expected 1 for \(scenario.rawValue)")
        }
        guard processes <= handsets else {
            throw ValidationError("--processes: found \(processes), expected at most one a handset")
        }
        if let connections, connections < 1 {
            throw ValidationError("--connections: found \(connections), expected 1 or more")
        }
        guard tokenFile != nil || scenario.startsItsServer else {
            throw ValidationError("--token-file: expected the file with an admin's token")
        }
    }

    func run() async throws {
        if processes > 1 { try runShared() } else { try await runAlone() }
    }

    /// The same command in several processes, each with its share and all with one clock.
    private func runShared() throws {
        var arguments = CommandLine.arguments.dropFirst().map { $0 }
        arguments += ["--processes", "1", "--now", String(currentMilliseconds)]
        let run = SharedRun(binary: ConsigneSim.binary, arguments: arguments, count: processes)
        do {
            let result = try run.play()
            print(result.text)
            try write(result.json)
            if result.hasFailed { throw ExitCode(1) }
        } catch let failure as SharedRun.Failure {
            FileHandle.standardError.write(Data("consigne-sim: \(failure)\n".utf8))
            throw ExitCode(69)
        }
    }

    private var currentMilliseconds: Int64 { now ?? Int64(Date().timeIntervalSince1970 * 1_000) }

    private func runAlone() async throws {
        var plan = Scenario.Plan(
            handsets: handsets, seed: seed, agents: try agents.address,
            client: OperatorClient(
                server: self.operator, token: try token(), trust: try agents.trust, timeout: .seconds(300)),
            threads: threads, patienceSeconds: patience, plantsFault: plantFault,
            nowMilliseconds: currentMilliseconds, binaries: ConsigneSim.folder, pace: pace)
        plan.connections = connections ?? .max
        plan.share = share
        if share != .whole { plan.meet = Meeting.wait }
        let result: RunReport
        let isHeard = share.number == 1
        do {
            result = try await scenario.run(plan) { line in
                guard isHeard else { return }
                FileHandle.standardError.write(Data("\(line)\n".utf8))
            }
        } catch let failure where failure is OperatorClient.Failure || failure is AgentAddress.Unreachable {
            FileHandle.standardError.write(Data("consigne-sim: \(failure)\n".utf8))
            throw ExitCode(69)
        }
        if share == .whole { print(result.text) }
        try write(result.json)
        if result.hasFailed { throw ExitCode(1) }
    }

    private func write(_ result: JSONValue) throws {
        guard let report else { return }
        do {
            try Data(CanonicalWriter.bytes(of: result) + [0x0A]).write(to: URL(fileURLWithPath: report))
        } catch {
            FileHandle.standardError.write(Data("consigne-sim: \(report): \(error.localizedDescription)\n".utf8))
            throw ExitCode(73)
        }
    }

    private func token() throws -> String {
        guard let tokenFile else { return "" }
        guard let data = FileManager.default.contents(atPath: tokenFile) else {
            FileHandle.standardError.write(Data("consigne-sim: \(tokenFile): cannot be read\n".utf8))
            throw ExitCode(66)
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

extension Scenario: ExpressibleByArgument {}

extension Share: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
