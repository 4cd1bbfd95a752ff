import Foundation
import SyncCore

/// Several processes that play one fleet, each its share: one process may hold only as many connections as open files.
public struct SharedRun {
    public enum Failure: Error, CustomStringConvertible {
        case ended(Share, Int32)
        case killed(Share, Int32)
        case apart([String])

        public var description: String {
            switch self {
            case .ended(let share, let code): "the process of share \(share) ended with \(code)"
            case .killed(let share, let signal): "the process of share \(share) was ended by signal \(signal)"
            case .apart(let names): "the processes do not play the same: \(names.joined(separator: ", "))"
            }
        }
    }

    /// One of them, and what is read from it.
    private final class Player {
        let share: Share
        let report: URL
        private let process = Process()
        private let (input, output) = (Pipe(), Pipe())
        private var pending = Data()

        init(_ share: Share, _ binary: URL, _ arguments: [String], _ folder: URL) throws {
            self.share = share
            report = folder.appendingPathComponent("share-\(share.number).json")
            process.executableURL = binary
            process.arguments = arguments + ["--share", share.description, "--report", report.path]
            process.standardInput = input
            process.standardOutput = output
            try process.run()
        }

        /// Where it waits; nil when it has ended.
        func nextMeeting() -> String? {
            while true {
                if let end = pending.firstIndex(of: 0x0A) {
                    let line = String(decoding: pending[pending.startIndex..<end], as: UTF8.self)
                    pending = Data(pending[(end + 1)...])
                    if line.hasPrefix(Meeting.word) { return String(line.dropFirst(Meeting.word.count)) }
                    continue
                }
                let more = output.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                pending += more
            }
        }

        /// One that is gone does not read it: that is found where its next meeting is awaited.
        func goOn() { try? input.fileHandleForWriting.write(contentsOf: Data("go on\n".utf8)) }

        func stop() { process.terminate() }

        /// What it found; 1 says that something is wrong with the server, not with the run.
        func finish() throws -> JSONValue {
            process.waitUntilExit()
            let status = process.terminationStatus
            guard process.terminationReason == .exit else { throw Failure.killed(share, status) }
            guard [0, 1].contains(status) else { throw Failure.ended(share, status) }
            return try JSONReader.read(Array(try Data(contentsOf: report)))
        }
    }

    let binary: URL
    let arguments: [String]
    let count: Int

    /// - Parameter arguments: of `consigne-sim`, for each of the processes.
    public init(binary: URL, arguments: [String], count: Int) {
        self.binary = binary
        self.arguments = arguments
        self.count = count
    }

    /// Plays to the end; blocks its thread.
    public func play() throws -> JointReport {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consigne-shares-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // A process that is gone is seen by its end, not by the signal of a broken pipe.
        signal(SIGPIPE, SIG_IGN)
        let players = try (1...count).map {
            try Player(Share(number: $0, count: count), binary, arguments, folder)
        }
        defer { for player in players { player.stop() } }
        while true {
            let meetings = players.map { $0.nextMeeting() }
            let places = Set(meetings.compactMap { $0 })
            if places.isEmpty { break }
            guard places.count == 1, !meetings.contains(nil) else {
                for (player, meeting) in zip(players, meetings) where meeting == nil { _ = try player.finish() }
                throw Failure.apart(places.sorted())
            }
            for player in players { player.goOn() }
        }
        return JointReport(try players.map { try $0.finish() })
    }
}
