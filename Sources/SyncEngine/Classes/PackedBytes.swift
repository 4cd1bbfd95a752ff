/// A document in the compressed form that an edge sends; the engine keeps it beside the document and does not read it.
public struct PackedBytes: Sendable {
    public let bytes: [UInt8]
    /// Of what was packed, as the form wants it.
    public let checksum: UInt32
    /// Bytes of what was packed.
    public let count: Int

    public init(bytes: [UInt8], checksum: UInt32, count: Int) {
        self.bytes = bytes
        self.checksum = checksum
        self.count = count
    }

    /// Packs a document once, on the thread that resolved it; nil where that is not worth it.
    public typealias Packer = @Sendable ([UInt8]) -> PackedBytes?
}
