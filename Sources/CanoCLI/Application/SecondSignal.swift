import Foundation
import ServiceLifecycle

/// Lets the second SIGTERM or SIGINT end the process at once, while the first is being obeyed. Other bridges take over what it had.
///
/// The last of the services: it is told of a stop first.
struct SecondSignal: Service {
    private static let numbers = [SIGTERM, SIGINT]

    func run() async throws {
        try await gracefulShutdown()
        for number in Self.numbers { signal(number, SIG_DFL) }
        await Self.takeInThreadOfItsOwn()
    }

    /// Returns once a thread is there that does nothing but take these signals, until the process ends.
    ///
    /// On Linux all other threads block them but one. On a busy machine that one may not have woken from the first signal yet: then the
    /// kernel gives the second to no thread, and Dispatch reads it as another request to stop, which is being obeyed already.
    private static func takeInThreadOfItsOwn() async {
        await withCheckedContinuation { isTaking in
            Thread.detachNewThread {
                var taken = sigset_t()
                sigemptyset(&taken)
                for number in numbers { sigaddset(&taken, number) }
                pthread_sigmask(SIG_UNBLOCK, &taken, nil)
                isTaking.resume()
                while true { pause() }
            }
        }
    }
}
