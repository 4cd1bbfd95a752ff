import SyncCore

/// What the fleet looks like: how many terminals each agency has where, and of which kinds (`Simulator/fleet.json`).
///
/// The totals of the tender and of the agencies are real orders of size; how they spread over areas is assumed from
/// population.
struct FleetShape {
    struct Area {
        let agency: String
        let region: String
        let area: String
        let devices: Int
        let tablets: Int
        let units: Int
    }

    struct Share {
        let name: String
        let devices: Int
    }

    let areas: [Area]
    let phones: [Share]
    let tablets: [Share]
    let apiLevels: [Share]

    /// Why the file cannot be used; only a broken build has it.
    struct Malformed: Error {}

    init() throws {
        let json = try JSONReader.read(PackageResources.fleet_json)
        areas = try (json["areas"]?.array ?? []).map { row in
            guard let cells = row.array, cells.count == 6, let agency = cells[0].string, let region = cells[1].string,
                let area = cells[2].string, let devices = cells[3].integer, let tablets = cells[4].integer,
                let units = cells[5].integer
            else { throw Malformed() }
            return Area(
                agency: agency, region: region, area: area, devices: Int(devices), tablets: Int(tablets),
                units: Int(units))
        }
        phones = try Self.shares(json["models"]?["phone"], "name")
        tablets = try Self.shares(json["models"]?["tablet"], "name")
        apiLevels = try Self.shares(json["android"], "apiLevel")
    }

    private static func shares(_ json: JSONValue?, _ member: String) throws -> [Share] {
        try (json?.array ?? []).map { row in
            guard let value = row[member], let devices = row["devices"]?.integer else { throw Malformed() }
            return Share(name: value.string ?? CanonicalWriter.text(of: value), devices: Int(devices))
        }
    }
}

extension [FleetShape.Share] {
    /// A name drawn with the shares' proportions.
    func draw(using generator: inout some RandomNumberGenerator) -> String {
        var ticket = Int.random(in: 0..<Swift.max(1, reduce(0) { $0 + $1.devices }), using: &generator)
        for share in self {
            if ticket < share.devices { return share.name }
            ticket -= share.devices
        }
        return last?.name ?? ""
    }
}
