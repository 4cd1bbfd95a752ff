import NIOCore
import SyncCore
import SyncEngine

/// What one event loop of the agent listener keeps: its connections, its parked polls, its answers.
///
/// Touched only on its loop, so it needs no lock. A poll is registered here before it compares its cursor with the
/// current World, and a publication swaps the World before it comes here: no change can slip between the two.
final class AgentLoop {
    let service: AgentService
    let settings: AgentSettings
    let loop: any EventLoop
    private var connections: [ObjectIdentifier: AgentHandler] = [:]
    private var parked = ParkedPolls<AgentHandler>()
    /// Answers that are the same for many.
    var shared = SharedAnswers()
    private(set) var isDraining = false
    /// What remains at shutdown is told here.
    private var whenEmpty: EventLoopPromise<Void>?

    /// What the writer has done for devices of this loop.
    let inbox: Inbox

    private var admission: Admission
    private let release: Release<AgentHandler>
    private var refused = 0
    /// Bytes of bodies that are being received or under way to the writer.
    private(set) var bodyBytes = 0
    private var unparked = 0
    private var closedForRoom = 0
    private var madeRoom = NIODeadline.uptimeNanoseconds(0)

    init(service: AgentService, settings: AgentSettings, loop: any EventLoop) {
        self.service = service
        self.settings = settings
        self.loop = loop
        inbox = Inbox(loop: loop)
        // A rate below one a loop is still a rate.
        release = Release(
            rate: (settings.releaseRate + settings.threads - 1) / settings.threads, loop: loop)
        admission = Admission(limit: settings.writesUnderWay, loops: settings.threads, now: Self.seconds)
    }

    private static var seconds: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

    /// Whether there is a place now among those whose request goes to the writer.
    var hasPlace: Bool { admission.hasPlace(at: Self.seconds) }

    /// Takes a place among those whose request goes to the writer, if there is one.
    func enter() -> Bool { admission.enter(at: Self.seconds) }

    /// Takes room for so many bytes of a body, if there is some.
    func hold(_ bytes: Int) -> Bool {
        guard bodyBytes + bytes <= ServerLimits.bodyBytes / settings.threads else { return false }
        bodyBytes += bytes
        return true
    }

    func letGo(_ bytes: Int) { bodyBytes -= bytes }

    func leave() { admission.leave(at: Self.seconds) }

    /// In how many seconds to come back, for one that is turned away; counts him.
    func placeInLine() -> Int {
        refused += 1
        return admission.place(at: Self.seconds)
    }

    /// Whether a device's poll may be parked; who asks and may not is counted.
    func findRoomToPark(_ device: DeviceID) -> Bool {
        // In the place of its older poll it takes no other.
        let limit = (settings.maximumParked + settings.threads - 1) / settings.threads
        let hasRoom = parked.count < limit || parked.has(device)
        if !hasRoom { unparked += 1 }
        return hasRoom
    }

    var load: AgentLoad {
        AgentLoad(
            connections: connections.count, parked: parked.count, refused: refused, unparked: unparked,
            closedForRoom: closedForRoom, bodyBytes: bodyBytes)
    }

    func opened(_ handler: AgentHandler) {
        connections[ObjectIdentifier(handler)] = handler
        // Whoever came while the port was closed asks another server, or this one when it is back.
        if isDraining { loop.assumeIsolated().execute { handler.close() } }
    }

    /// A connection has gone; called once for each that was opened.
    func closed(_ handler: AgentHandler) {
        connections[ObjectIdentifier(handler)] = nil
        if isDraining, connections.isEmpty { whenEmpty?.succeed() }
    }

    private struct Spare {
        let handler: AgentHandler
        /// 1 for those that go first.
        let rank: Int
        let time: TimeAmount
    }

    /// Closes what can be spared, for somebody who finds no room: first those on whose connection no device asked, then those
    /// that have been idle for longest. A device connects anew when it has something to ask; who only takes places has not.
    func makeRoom(now: NIODeadline) {
        guard now - madeRoom >= .milliseconds(ServerLimits.roomMilliseconds) else { return }
        madeRoom = now
        var shares: [DeviceID: Int] = [:]
        let spare = connections.values.compactMap { handler -> Spare? in
            // Those of one device beyond its share are nobody's loss, however busy they are.
            let isBeyond = isBeyondShare(handler, &shares)
            guard let time = handler.spareTime(at: now, takesMore: isBeyond),
                isBeyond || time >= .seconds(settings.spareSeconds)
            else { return nil }
            return Spare(handler: handler, rank: isBeyond || handler.isStranger ? 1 : 0, time: time)
        }
        let order = spare.sorted { ($0.rank, $0.time) > ($1.rank, $1.time) }
        let going = order.prefix(max(1, connections.count / ServerLimits.roomShare))
        closedForRoom += going.count
        for spare in going { spare.handler.close() }
    }

    /// Counts a connection for the device that asked on it alone; true for one more than a device has any use for.
    private func isBeyondShare(_ handler: AgentHandler, _ shares: inout [DeviceID: Int]) -> Bool {
        guard let device = handler.known.only else { return false }
        shares[device, default: 0] += 1
        return shares[device, default: 0] > ServerLimits.connectionsOfDevice
    }

    /// Parks a device's poll and ends the one that it had parked before, on whichever loop that is.
    func park(_ handler: AgentHandler, of device: DeviceID, in unit: UnitID) -> ParkedDevices.Ticket {
        let (ticket, older) = service.parked.enter(device, on: NIOLoopBound(self, eventLoop: loop))
        let replaced = parked.insert(handler, of: device, in: unit, ticket)
        // Not here and now: what follows on the older one's connection may be a poll, too.
        if let replaced { loop.assumeIsolated().execute { replaced.release() } }
        // Not always the same one: the end of the one that is here may still be on its way from a third loop.
        if let older {
            older.loop.eventLoop.execute {
                older.loop.value.parked.poll(of: device, older.ticket)?.release()
            }
        }
        return ticket
    }

    func unpark(_ device: DeviceID, _ ticket: ParkedDevices.Ticket) {
        parked.remove(device, ticket)
        service.parked.leave(device, ticket)
    }

    /// Lets every parked poll look again that a new World may concern.
    func drain(_ reach: Publication.Reach) {
        parked.forEach(in: reach) { release.add($0) }
        release.begin()
    }

    /// Ends polls whose time is over, and connections that hang.
    func sweep(now: NIODeadline) {
        for handler in Array(connections.values) { handler.checkDeadlines(now: now) }
    }

    /// Answers every parked poll, closes what is idle, and tells when the last connection has gone.
    func shutDown(_ promise: EventLoopPromise<Void>) {
        isDraining = true
        whenEmpty = promise
        for handler in Array(connections.values) { handler.finish() }
        if connections.isEmpty { promise.succeed() }
    }

    func closeAll() {
        for handler in Array(connections.values) { handler.close() }
    }
}
