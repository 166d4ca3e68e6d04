export interface FocusReturn {
  enter: (event: Event) => void;
  leave: (event: Event) => void;
}

/**
 * Manages the focus of a dialog without a trigger element: focuses the `data-autofocus` element,
 * then restores the focus on close.
 */
export function makeFocusReturn(): FocusReturn {
  let opener: Element | null = null;
  return {
    enter: (event) => {
      opener = document.activeElement;
      const content = event.currentTarget;
      if (!(content instanceof Element)) return;
      const first = content.querySelector<HTMLElement>("[data-autofocus]");
      if (!first) return;
      event.preventDefault();
      first.focus();
    },
    leave: (event) => {
      if (!(opener instanceof HTMLElement) || !opener.isConnected) return;
      event.preventDefault();
      opener.focus();
    },
  };
}
