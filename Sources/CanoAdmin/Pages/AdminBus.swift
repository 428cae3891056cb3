import CanoClient

#if SQLite
    import CanoHistory
#endif

/// The bus that pages look at, and what is known of it besides.
struct AdminBus: Sendable {
    let client: BusClient
    let watch = BusWatch()
    #if SQLite
        /// Nil where this process keeps none.
        var history: RunHistory?
    #endif

    init(_ client: BusClient) { self.client = client }

    var hasHistory: Bool {
        #if SQLite
            history != nil
        #else
            false
        #endif
    }
}
