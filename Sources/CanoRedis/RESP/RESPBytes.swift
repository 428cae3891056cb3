/// The bytes of a bulk string, exactly as the server holds them.
///
/// Redis strings are bytes: text is only text once it was checked, so nothing in this module assumes UTF-8.
public typealias RESPBytes = [UInt8]
