//! Our codec against Apache Kafka's definitions, against its bytes, and against those who mean harm.

mod bytes_of_apache;
mod definitions;
mod hostile;

use tests_codec::counting::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;
