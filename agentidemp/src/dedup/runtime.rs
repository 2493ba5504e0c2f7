//! [`within`]: for stores whose connections live on a runtime of tokio's, whoever waits for them.

use core::future::poll_fn;
use core::pin::pin;

use tokio::runtime::Handle;

/// Polls a future in the context of a runtime, for callers that are in none: threads.
pub(super) async fn within<T>(runtime: &Handle, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _entered = runtime.enter();
        future.as_mut().poll(context)
    })
    .await
}
