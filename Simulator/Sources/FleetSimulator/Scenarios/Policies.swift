import SyncCore

/// The policies that scenarios push: written for the simulator, in the shape an operator writes them
/// (`Simulator/Policies`).
enum Policies {
    struct Unknown: Error {
        let name: String
    }

    static func named(_ name: String) throws -> JSONValue {
        let bytes: [UInt8] =
            switch name {
            case "baseline": PackageResources.baseline_json
            case "gendarmerie": PackageResources.gendarmerie_json
            case "police": PackageResources.police_json
            case "penitentiaire": PackageResources.penitentiaire_json
            case "bretagne": PackageResources.bretagne_json
            case "patrol": PackageResources.patrol_json
            case "push-everyone": PackageResources.push_everyone_json
            case "push-agency": PackageResources.push_agency_json
            case "push-unit": PackageResources.push_unit_json
            case "field-wifi": PackageResources.field_wifi_json
            case "field-location": PackageResources.field_location_json
            default: throw Unknown(name: name)
            }
        return try JSONReader.read(bytes)
    }
}
