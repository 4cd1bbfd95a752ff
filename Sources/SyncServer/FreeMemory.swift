#if canImport(Glibc)
    import CMalloc
#endif

/// Memory that this process has freed and still holds.
///
/// The allocator of glibc gives back only what lies at the end of a thread's heap. A herd leaves holes all over: after a
/// push to a large fleet a third of the server's memory is free and taken all the same.
public enum FreeMemory {
    /// Bytes that are free within the allocator; 0 where it does not say.
    static var bytes: Int {
        #if canImport(Glibc)
            Int(mallinfo2().fordblks)
        #else
            0
        #endif
    }

    /// Has all threads share so many heaps, and large pieces lie in none of them; for the start of the process.
    ///
    /// glibc makes up to eight heaps a core: what one thread leaves in its own, no other can use. And it takes ever larger
    /// pieces from them once some were freed, up to 32 MiB: an image of the log leaves holes of its own size.
    public static func shareHeaps(_ count: Int) {
        #if canImport(Glibc)
            _ = mallopt(M_ARENA_MAX, Int32(clamping: count))
            _ = mallopt(M_MMAP_THRESHOLD, ServerLimits.largePieceBytes)
        #endif
    }

    /// Gives whole pages that nothing lies on back to the system, if so many bytes are free or more.
    ///
    /// Costs some milliseconds for some hundred megabytes, in which one thread after the other waits for memory.
    ///
    /// - Returns: whether anything was given back.
    @discardableResult public static func giveBack(ifAtLeast bytes: Int = ServerLimits.freeBytesKept) -> Bool {
        #if canImport(Glibc)
            Self.bytes >= bytes && malloc_trim(0) == 1
        #else
            false
        #endif
    }
}
