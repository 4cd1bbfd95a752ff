import ArgumentParser
import Foundation
import SyncServer

/// How devices are to come, as far as that is for the operator of the server to say.
struct LoadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Polls parked at once; others are told when to come back. By default what the open files admit.",
            valueName: "polls"))
    var maxParked: Int?

    @Option(
        help: ArgumentHelp(
            "Parked polls let go in a second when something is new; 0 for all at once.", valueName: "polls"))
    var releaseRate = ServerLimits.releaseRate

    @Option(help: ArgumentHelp("Seconds between two check-ins in quiet times, 60 to 86400.", valueName: "seconds"))
    var checkIn = ServerLimits.steadySeconds

    func validate() throws {
        if let maxParked, maxParked < 0 {
            throw ValidationError("--max-parked: found \(maxParked), expected 0 or more")
        }
        guard releaseRate >= 0 else {
            throw ValidationError("--release-rate: found \(releaseRate), expected 0 or more")
        }
        guard ServerLimits.checkInRange.contains(checkIn) else {
            throw ValidationError("--check-in: found \(checkIn), expected 60 to 86400")
        }
    }

    /// - Parameter connections: how many devices may be connected.
    func settings(connections: Int) -> AgentSettings {
        AgentSettings(
            threads: ProcessInfo.processInfo.activeProcessorCount, maximumConnections: connections,
            maximumParked: maxParked, releaseRate: releaseRate, checkInSeconds: checkIn)
    }
}
