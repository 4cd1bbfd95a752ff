import DeviceAgent
import NIOCore
import SyncCore
import SyncProtocol

/// The requests that settled handsets send again and again.
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

    /// Nothing is new; a connection for each, as in all that follows but reports.
    var idle: [Load.Requests] { handsets.map { again($0, $0.checkIn) } }

    /// The same, parked for so many seconds, once.
    func parked(seconds: Int, path: String? = nil) -> [Load.Requests] {
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

    /// A new report each time, numbered on from where the last round could have ended; on each connection one handset
    /// after the other.
    ///
    /// Only the number is written anew: the load is to cost little beside the server.
    func reports(_ round: Int) -> [Load.Requests] {
        var bytes = bytes
        let first = UInt64(round) * 10_000_000
        let connections = min(Bench.connections, handsets.count)
        return (0..<connections).map { connection in
            let requests = stride(from: connection, to: handsets.count, by: connections).map { index in
                request(of: handsets[index], report: first, &bytes)
            }
            return { turn in
                let request = requests[turn % requests.count]
                guard let digits = request.digits else { return nil }
                var next = request.bytes
                next.setString(String(first + UInt64(turn / requests.count)), at: digits)
                return next
            }
        }
    }

    /// A report, and where its number stands.
    private func request(
        of handset: SettledHandset, report number: UInt64, _ bytes: inout RequestBytes
    ) -> (bytes: ByteBuffer, digits: Int?) {
        let report = SyncRequest.Report(number: number, facts: handset.secrets.facts)
        let request = bytes.report(
            SyncRequest(have: handset.checkIn.have, report: report), credential: handset.secrets.credential,
            acceptsDelta: true, allocator)
        let text = Array(request.readableBytesView)
        let name = Array("\"n\":".utf8)
        return (request, text.indices.first { text[$0...].starts(with: name) }.map { $0 + name.count })
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
