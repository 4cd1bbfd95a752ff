/// What one JSON text may cost its reader.
///
/// What comes from outside is read within the bounds of the wire. What the server itself wrote down was within them once,
/// and has been wrapped since: stored text is read within bounds that no wrapping reaches, so that whatever was accepted
/// can be read for ever.
public struct JSONBounds: Hashable, Sendable {
    public var bytes: Int
    public var depth: Int
    public var stringBytes: Int
    /// Values in the whole text, objects and arrays among them: a byte or two of text can make a hundred of memory.
    public var values: Int

    public static let wire = JSONBounds(
        bytes: Limits.jsonBytes, depth: Limits.jsonDepth, stringBytes: Limits.stringBytes, values: Limits.jsonValues)

    public static let stored = JSONBounds(
        bytes: Limits.storedBytes, depth: Limits.storedDepth, stringBytes: Limits.storedBytes, values: .max)
}
