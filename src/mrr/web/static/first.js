// Scripts run here: what stands in for them is not shown, from the first paint on.
document.documentElement.dataset.scripts = "";
