import DeviceAgent
import NIOCore

/// How handsets live by their own clocks, and what is counted of it.
extension HandsetConnection {
    /// Seconds of scenario time that a poll rests that was answered before its time, with nothing new.
    private static let restSeconds = 2.0...5.0

    /// Gives each handset the time at which it begins.
    func begin(_ life: Life) {
        for place in ring.indices {
            let seconds: Double
            switch life.start {
            case .within(let range): seconds = range > 0 ? Double.random(in: 0..<range, using: &driver.generator) : 0
            case .atOwnPlace:
                let interval = Double(handsets[place].interval)
                seconds =
                    Double(self.phase(of: place, life)) + Double.random(in: 0...interval / 10, using: &driver.generator)
            }
            driver.wake(self, place, after: life.real(seconds))
        }
    }

    /// A handset's time has come.
    func wake(_ place: Int) {
        guard let phase, !phase.isOver || phase.isFinite else { return }
        guard phase.life != nil else { return takeTurn() }
        if isBusy { due.append(place) } else { serve(place) }
    }

    /// Lets those have their turn whose time came while another had his.
    func serveNext() {
        guard !isBusy, !due.isEmpty else { return }
        serve(due.removeFirst())
    }

    private func serve(_ next: Int) {
        place = next
        isTurnFresh = true
        takeTurn()
    }

    /// A handset has nothing more to say; it comes back when the protocol says so.
    ///
    /// - Parameter seconds: what the server or the machine said.
    func rest(_ seconds: Int, _ life: Life, after kind: Measures.Kind, _ reply: Handset.Reply) {
        guard let phase, !phase.isOver else { return }
        let machine = handsets[place]
        if machine.hasReported, machine.user.waiting.isEmpty { phase.settled(number, machine.digest) }
        let isToldOtherwise = reply.retryAfter != nil || seconds != machine.interval
        switch kind {
        case .parked where reply.status == 304 && !isToldOtherwise && !hasWaited(phase.wait):
            let rest = Double.random(in: Self.restSeconds, using: &driver.generator)
            driver.wake(self, place, after: life.real(rest))
        case _ where isToldOtherwise:
            driver.wake(
                self, place, after: life.real(CheckInSchedule.wait(hint: seconds, using: &driver.generator)))
        case _ where ring.count == 1 && phase.wait > 0: return takeTurnSoon()
        default:
            driver.wake(self, place, after: life.real(quietWait(machine, life, now: phase.scenarioSeconds)))
        }
        serveNext()
    }

    private func quietWait(_ machine: Handset, _ life: Life, now: Double) -> Double {
        let device = life.fault == .together ? "" : machine.device
        return CheckInSchedule.quietWait(
            device: device, interval: machine.interval, now: now, using: &driver.generator)
    }

    private func phase(of place: Int, _ life: Life) -> Int {
        let device = life.fault == .together ? "" : handsets[place].device
        return CheckInSchedule.phase(of: device, interval: handsets[place].interval)
    }

    /// Whether a poll was answered only at its deadline, as the server's sweep finds it.
    private func hasWaited(_ seconds: Int) -> Bool {
        NIODeadline.now() - sentAt >= .milliseconds(Int64(seconds) * 1_000 - 100)
    }

    /// Counts what an answer brought.
    func tally(_ reply: Handset.Reply, _ kind: Measures.Kind, isNew: Bool) {
        if isNew { driver.tally.took(isDelta: Self.isDelta(reply.body)) }
        guard kind == .parked, let phase, reply.retryAfter == nil else { return }
        if reply.status == 200 {
            driver.tally.woke(number, isIdle: false)
        } else if reply.status == 304, !hasWaited(phase.wait) {
            driver.tally.woke(number, isIdle: true)
        }
    }

    /// Whether an answer in canonical form has a delta: after `after` and `commands` it comes first.
    private static func isDelta(_ body: [UInt8]) -> Bool {
        let start = body.prefix(64)
        return start.indices.contains { start[$0...].starts(with: deltaName) }
    }

    private static let deltaName = Array("\"delta\":{".utf8)
}
