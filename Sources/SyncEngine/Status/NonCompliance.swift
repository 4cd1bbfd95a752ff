import SyncCore

/// A setting that a device holds and cannot honour, and why.
public struct NonCompliance: Hashable, Sendable {
    /// The reasons of the Android Management API (`NonComplianceReason`).
    ///
    /// A device is free to say another; that is counted as `other`, and stands in its own report as it said it.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        case other = "OTHER"
        case apiLevel = "API_LEVEL"
        case managementMode = "MANAGEMENT_MODE"
        case userAction = "USER_ACTION"
        case invalidValue = "INVALID_VALUE"
        case appNotInstalled = "APP_NOT_INSTALLED"
        case unsupported = "UNSUPPORTED"
        case appInstalled = "APP_INSTALLED"
        case pending = "PENDING"
        case appIncompatible = "APP_INCOMPATIBLE"
        case appNotUpdated = "APP_NOT_UPDATED"
        case deviceIncompatible = "DEVICE_INCOMPATIBLE"
        case projectNotPermitted = "PROJECT_NOT_PERMITTED"
    }

    /// Nil for a name that the catalog does not have.
    public let setting: String?
    public let reason: Reason

    public init(setting: String?, reason: Reason) {
        self.setting = setting
        self.reason = reason
    }
}

/// Writes non-compliance as two bytes: 126,000 devices may have some each, and what they send is not trusted to be little.
struct NonComplianceCoder: Sendable {
    /// A place in the catalog's list of settings above, a reason in the lower four bits.
    typealias Code = UInt16

    private static let reasons = NonCompliance.Reason.allCases
    private static let stranger = Code.max >> 4

    private let settings: [String]
    private let places: [String: Code]
    private let reasonPlaces: [String: Code]

    init(_ catalog: Catalog) {
        settings = catalog.settings.keys.sorted()
        places = Dictionary(uniqueKeysWithValues: settings.enumerated().map { ($1, Code($0)) })
        reasonPlaces = Dictionary(uniqueKeysWithValues: Self.reasons.enumerated().map { ($1.rawValue, Code($0)) })
    }

    /// What a report says, each pair once and in the order of the codes.
    func read(_ report: JSONValue) -> [Code] {
        let codes = (report["nonCompliance"]?.array ?? []).map { entry in
            let place = entry["setting"]?.string.flatMap { places[$0] } ?? Self.stranger
            return place << 4 | (entry["reason"]?.string.flatMap { reasonPlaces[$0] } ?? 0)
        }
        return Set(codes).sorted()
    }

    func nonCompliance(_ code: Code) -> NonCompliance {
        let place = Int(code >> 4)
        return NonCompliance(
            setting: settings.indices.contains(place) ? settings[place] : nil, reason: Self.reasons[Int(code & 0xF)])
    }
}
