import NIOCore
import Synchronization

/// The two ways to call one script, each encoded once: by its source, and by its hash once a server has answered it.
///
/// Redis names a script by a hash of its source, so the hash that one server answers is right for every server.
final class ScriptForms: Sendable {
    /// Lets the encoded arguments be set once and read without a lock.
    private final class CachedForm: Sendable {
        let arguments: ByteBuffer

        init(hash: String) {
            arguments = RESPCommand("EVALSHA", hash).arguments
        }
    }

    let source: [UInt8]
    /// `EVAL <source>` as arguments.
    let bySource: ByteBuffer
    private let cached = AtomicLazyReference<CachedForm>()
    private let isHashRequested = Atomic<Bool>(false)

    init(source: [UInt8]) {
        self.source = source
        var whole = RESPCommand("EVAL", capacityHint: source.count)
        whole.append(bytes: source)
        bySource = whole.arguments
    }

    /// `EVALSHA <hash>` as arguments; nil until the hash is known.
    var byHash: ByteBuffer? { cached.load()?.arguments }

    /// Remembers the hash for the life of the script.
    func learn(hash: String) {
        _ = cached.storeIfNil(CachedForm(hash: hash))
    }

    /// Whether the caller must ask the server for the hash: true once, and again after ``hashRequestFailed()``.
    func claimHashRequest() -> Bool {
        isHashRequested.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged
    }

    /// Lets the next call ask for the hash: no server has answered.
    func hashRequestFailed() {
        isHashRequested.store(false, ordering: .relaxed)
    }
}
