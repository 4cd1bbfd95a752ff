import Foundation
import SyncCore

/// What handsets cost the process that plays them, in kilobytes each; taken in a process of its own, because memory
/// that others gave back would hide what these take.
public struct HandsetWeight: Sendable {
    /// For one that waits for its turn.
    let waiting: Double
    /// For one that has a connection.
    let connected: Double

    /// Weighs a fleet in this process: as many as may have connections do.
    public static func taken(of handsets: Int, at agents: AgentAddress) async throws -> HandsetWeight {
        let fleet = try Fleet(size: handsets, seed: 1)
        let before = try ServerProcess.residentKilobytes(of: getpid())
        let driver = try await FleetDriver.start(fleet, at: agents, threads: 2, run: UInt64(Bench.clock()))
        let waiting = try ServerProcess.residentKilobytes(of: getpid())
        try await driver.connect()
        let connected = try ServerProcess.residentKilobytes(of: getpid())
        try await driver.stop()
        let each = (waiting - before) / Double(handsets)
        return HandsetWeight(
            waiting: each, connected: each + (connected - waiting) / Double(driver.connections))
    }

    /// Has a process of its own weigh them.
    ///
    /// - Parameter options: where the agents' listener is, as `consigne-sim weigh` takes it.
    static func taken(of handsets: Int, beside binaries: URL, _ options: [String]) throws -> HandsetWeight {
        let process = Process()
        process.executableURL = binaries.appendingPathComponent("consigne-sim")
        process.arguments = ["weigh", "--handsets", String(handsets)] + options
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard process.terminationStatus == 0, numbers.count == 2 else {
            throw ServerProcess.Failure.failed("weigh ended with \(process.terminationStatus)")
        }
        return HandsetWeight(waiting: numbers[0], connected: numbers[1])
    }

    /// As the process says it to the one that asked for it.
    public var text: String { "\(waiting) \(connected)" }
}
