import DeviceAgent
import NIOCore
import SyncCore
import SyncProtocol

/// The requests that settled handsets send again and again, one connection each.
struct CheckInLoad {
    private let handsets: [SettledHandset]
    private let bytes: RequestBytes
    private let port: Int
    private let allocator = ByteBufferAllocator()

    init(_ handsets: [SettledHandset], _ port: Int) {
        self.handsets = handsets
        self.port = port
        bytes = RequestBytes(host: "127.0.0.1:\(port)")
    }

    /// Nothing is new.
    var idle: [Load.Requests] { handsets.map { again($0, $0.checkIn) } }

    /// The same, parked for so many seconds, once.
    func parked(seconds: Int, path: String = "/v1/sync") -> [Load.Requests] {
        handsets.map { handset in
            let request = bytes.checkIn(
                handset.checkIn, credential: handset.secrets.credential, wait: seconds, path: path, allocator)
            return { turn in turn == 0 ? request : nil }
        }
    }

    /// Of a handset that holds nothing: a whole document each time.
    var whole: [Load.Requests] {
        handsets.map { handset in
            let have = Have(epoch: 0, version: 0, digest: nil)
            return again(handset, Handset.CheckIn(tag: nil, have: have, acceptsDelta: false))
        }
    }

    /// Of a handset that holds what was due before the last push: what changed, each time.
    var delta: [Load.Requests] { handsets.map { again($0, $0.checkIn) } }

    private func again(_ handset: SettledHandset, _ checkIn: Handset.CheckIn) -> Load.Requests {
        let request = bytes.checkIn(checkIn, credential: handset.secrets.credential, wait: 0, allocator)
        return { _ in request }
    }

    /// A new report each time, numbered on from where the last round could have ended.
    ///
    /// Only the number is written anew: the load is to cost little beside the server.
    func reports(_ round: Int) -> [Load.Requests] {
        var bytes = bytes
        return handsets.map { handset in
            let first = UInt64(round) * 10_000_000
            let report = SyncRequest.Report(number: first, facts: handset.secrets.facts)
            let request = bytes.report(
                SyncRequest(have: handset.checkIn.have, report: report), credential: handset.secrets.credential,
                acceptsDelta: true, allocator)
            let name = Array("\"n\":".utf8)
            let text = Array(request.readableBytesView)
            let digits = text.indices.first { text[$0...].starts(with: name) }.map { $0 + name.count }
            return { turn in
                guard let digits else { return nil }
                var next = request
                next.setString(String(first + UInt64(turn)), at: digits)
                return next
            }
        }
    }

    /// Bytes of the longest answer, head and body.
    func answerBytes(_ requests: [Load.Requests], _ status: Int) async throws -> Int {
        var most = 0
        for request in requests.prefix(16) {
            let load = Load(threads: 1, status: status)
            try await load.connect(port: port, [{ turn in turn == 0 ? request(0) : nil }])
            load.start()
            guard try await load.until(answers: 1, seconds: 10), load.unexpected == 0 else {
                throw BenchFailure.unexpectedAnswers(1, of: 1)
            }
            most = max(most, load.answerBytes)
            try await load.stop()
        }
        return most
    }
}
