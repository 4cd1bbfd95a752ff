/// A field that AMAPI has replaced; it is migrated when a policy is written, never when it is resolved.
public struct DeprecatedField: Hashable, Sendable {
    public enum Replacement: Hashable, Sendable {
        /// Nothing stands in its place.
        case dropped
        /// A setting and its value, by the boolean that the field had; nil where the field then says nothing.
        case byFlag(whenTrue: Target?, whenFalse: Target?)
        /// The one record becomes the only element of this setting.
        case asRecord(of: String)
    }

    public struct Target: Hashable, Sendable {
        public let key: String
        public let value: JSONValue
    }

    public let field: String
    public let replacement: Replacement
}
