import Hummingbird
import NIOCore
import SyncCore
import SyncEngine

extension OperatorRoutes {
    /// `GET /metrics`: what `status` says, in Prometheus's text form (version 0.0.4), for the operator's unit and below.
    func metrics(_ request: Request) throws -> Response {
        let author = try author(request)
        let scope = try scope(try Query(request, known: ["under"]), author)
        let world = world
        let status = engine.status(
            FleetStatus.Query(under: scope, silences: Set(ServerLimits.silenceSteps)))
        let policies = world.policies.values.filter { scope.contains($0.reference.owner) }
        let conflicts = policies.flatMap(\.conflicts)
        var page = MetricsPage()
        page.add("consigne_log_epoch", "Incarnation of the log.", Int(world.epoch))
        page.add("consigne_log_seq", "Position of the last entry.", Int(world.seq))
        page.add("consigne_log_floor", "Position from which on the log is kept.", Int(engine.floor?.seq ?? 0))
        page.add("consigne_policies", "Policies owned by the unit or below.", policies.count)
        page.add("consigne_conflicts", "Settings with edits that crossed and nobody has decided on.", conflicts.count)
        page.add(
            "consigne_siblings", "Writes kept beside the one that counts.",
            conflicts.reduce(0) { $0 + $1.setting.siblings.count })
        page.add(
            "consigne_devices", "Devices by state.", label: "state",
            Device.State.allCases.map { ($0.rawValue, status.states[$0] ?? 0) })
        page.add(
            "consigne_devices_standing", "Enrolled devices by what they proved to hold.", label: "standing",
            DeviceStanding.allCases.map { ($0.rawValue, status.standings[$0] ?? 0) })
        page.add(
            "consigne_devices_silent", "Enrolled devices without a word for so many seconds.", label: "seconds",
            status.silent.sorted { $0.key < $1.key }.map { (String($0), $1) })
        page.add(
            "consigne_devices_noncompliant", "Devices in sync that cannot honour a setting.",
            status.ranked.map { (["setting": $0.setting ?? "", "reason": $0.reason.rawValue], $1) })
        return Response(
            status: .ok, headers: [.contentType: MetricsPage.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
    }
}

/// Gauges as Prometheus reads them.
private struct MetricsPage {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"
    private(set) var text = ""

    mutating func add(_ name: String, _ help: String, _ value: Int) {
        begin(name, help)
        text += "\(name) \(value)\n"
    }

    mutating func add(_ name: String, _ help: String, label: String, _ values: [(String, Int)]) {
        begin(name, help)
        for (value, count) in values { text += "\(name){\(label)=\"\(value)\"} \(count)\n" }
    }

    /// Label values come from closed lists: nothing in them is escaped.
    mutating func add(_ name: String, _ help: String, _ values: [(labels: [String: String], Int)]) {
        begin(name, help)
        for (labels, count) in values {
            let labels = labels.sorted { $0.key < $1.key }.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
            text += "\(name){\(labels)} \(count)\n"
        }
    }

    private mutating func begin(_ name: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) gauge\n"
    }
}
