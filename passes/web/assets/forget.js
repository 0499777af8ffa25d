// Behind the page that says a card's data are deleted: nor does this browser keep any.
import { forget } from "./keep.js";

await forget(location.pathname.split("/")[2]);
document.documentElement.dataset.forgotten = "yes";
