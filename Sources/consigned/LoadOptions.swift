import ArgumentParser
import Foundation
import SyncProtocol
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

    @Option(
        help: ArgumentHelp(
            "Seconds that a poll may stay parked, 1 to \(WireLimits.waitSeconds): less than the time after which a proxy in "
                + "front gives up.", valueName: "seconds"))
    var longestWait = WireLimits.waitSeconds

    @Option(
        help: ArgumentHelp(
            "Seconds in which a device earns one more report, of \(Int(ServerLimits.deviceBurst)) that it may save up; 0 for no "
                + "limit (CONSIGNE_DEVICE_PACE); 5.", valueName: "seconds"))
    var devicePace: Int?

    private var pace: Int {
        devicePace
            ?? ProcessInfo.processInfo.environment["CONSIGNE_DEVICE_PACE"].map { Int($0) ?? -1 }
            ?? ServerLimits.devicePaceSeconds
    }

    func validate() throws {
        if let maxParked, maxParked < 0 {
            throw ValidationError("--max-parked: found \(maxParked), expected 0 or more")
        }
        guard (1...WireLimits.waitSeconds).contains(longestWait) else {
            throw ValidationError("--longest-wait: found \(longestWait), expected 1 to \(WireLimits.waitSeconds)")
        }
        guard (0...3_600).contains(pace) else {
            throw ValidationError("--device-pace: found \(pace), expected 0 to 3600")
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
            maximumParked: maxParked, releaseRate: releaseRate, checkInSeconds: checkIn,
            longestWait: longestWait, devicePaceSeconds: pace)
    }
}
